-- Who is in the room, and what is done there; `log.lua` goes before this.

local function free(key, uid)
  if call('HGET', NAMES, key) == uid then call('HDEL', NAMES, key) end
end

-- The users of a node in the order in which they came: {uid, address, name, key, order} each.
local function found_at(node)
  local found, all = {}, call('HGETALL', users_of(node))
  for at = 1, #all, 2 do
    local user = fields(all[at + 1])
    found[#found + 1] = {all[at], user[1], user[2], user[3], tonumber(user[4])}
  end
  return found
end
local function by_order(one, other) return one[5] < other[5] end

-- The users of all nodes, as a node knows them, in the place of all that is there: a line each for
-- uid, address, name, key, and '1' if the name is theirs. (A call may have a million words only.)
local function set_users(text)
  for _, node in ipairs(call('HKEYS', NODES)) do call('DEL', users_of(node)) end
  call('DEL', NAMES)
  local order, line = 0, '([^\n]*)\n'
  for uid, address, name, key, is_theirs in string.gmatch(text, string.rep(line, 5)) do
    order = order + 1
    call('HSET', users_of(node_of(uid)), uid, table.concat({address, name, key, order}, '\n'))
    if is_theirs == '1' then call('HSET', NAMES, key, uid) end
  end
  call('HSET', HEAD, 'order', order)
end

-- Redis may have forgotten what these nodes know. Until all have come back, or the window is over,
-- nothing is added, so that they can say so (`offer`).
local function await(nodes, window)
  call('DEL', AWAITED)
  if #nodes > 0 then call('SADD', AWAITED, unpack(nodes)) end
  call('HSET', HEAD, 'settled', now + math.floor(window))
end

local function is_back(node)
  if call('SREM', AWAITED, node) == 1 and call('EXISTS', AWAITED) == 0 then
    call('HSET', HEAD, 'settled', now)
  end
end

-- What there is of a node goes; if it still is somewhere, its users shall have their private lines.
local function forget(node)
  call('DEL', users_of(node))
  call('EXPIRE', private_of(node), MINUTES)
end

-- A node is gone: so are its users, with their leave lines, and its names are free.
local function bury(node, keep)
  local uids, found = {}, found_at(node)
  table.sort(found, by_order)
  for _, user in ipairs(found) do
    free(user[4], user[1])
    uids[#uids + 1] = user[1]
  end
  forget(node)
  call('ZREM', LEASES, node)
  call('HDEL', NODES, node)
  is_back(node)  -- Never more.
  local events = {}
  if #uids > 0 then events = {'leave', table.concat(uids, ' ')} end
  events[#events + 1] = 'gone'
  events[#events + 1] = node
  append(node .. '.gone', events, keep)
end

-- Every node has a lease, unless another program has taken them away: then it is over in time.
local function complete_leases(lease)
  for _, node in ipairs(call('HKEYS', NODES)) do
    if not has_lease(node) then extend(node, 0, lease) end
  end
end

-- A Redis that has been started anew may have lost the last that it was told.
local function look_at_run(run, window, lease)
  if call('HGET', HEAD, 'run') == run then return end
  call('HSET', HEAD, 'run', run, 'found', call('HGET', HEAD, 'number'))
  local nodes = call('ZRANGE', LEASES, 0, -1)
  for _, node in ipairs(nodes) do extend(node, window, lease) end
  await(nodes, window)
end

local operations = {
  -- How many lines, and these as they go over the wire.
  say = function(at, event)
    event('say', ARGV[at])
    return 1
  end,
  -- Lines of somebody whose name is known only when it comes to this: uid, lines.
  as = function(at, event)
    event('as', ARGV[at] .. '\n' .. ARGV[at + 1])
    return 2
  end,
  -- uid, address, its key, name, its key. A name that is somebody's already is not given.
  join = function(at, event)
    local uid, address, address_key, name, key = unpack(ARGV, at, at + 4)
    if name ~= address and call('HEXISTS', NAMES, key) == 1 then
      name, key = address, address_key
    end
    local order = call('HINCRBY', HEAD, 'order', 1)
    call('HSET', NAMES, key, uid)
    call('HSET', users_of(node_of(uid)), uid, table.concat({address, name, key, order}, '\n'))
    event('join', table.concat({uid, address, name, key}, '\n'))
    return 5
  end,
  leave = function(at, event)
    local uid = ARGV[at]
    local user = call('HGET', users_of(node_of(uid)), uid)
    if user then
      free(fields(user)[3], uid)
      call('HDEL', users_of(node_of(uid)), uid)
      event('leave', uid)
    else
      event('none', uid)
    end
    return 1
  end,
  -- uid, new name, its key.
  rename = function(at, event)
    local uid, new, key = unpack(ARGV, at, at + 2)
    local user = call('HGET', users_of(node_of(uid)), uid)
    local holder = call('HGET', NAMES, key)
    local old = user and fields(user)
    if not old or (holder and holder ~= uid) or new == old[2] then
      event('taken', uid)
    else
      free(old[3], uid)
      call('HSET', NAMES, key, uid)
      call('HSET', users_of(node_of(uid)), uid, table.concat({old[1], new, key, old[4]}, '\n'))
      event('rename', table.concat({uid, new, key}, '\n'))
    end
    return 3
  end,
  who = function(_, event)
    event('who', '')
    return 0
  end,
  -- uid of the sender, key of the target's name, text; an empty text only asks who that is.
  tell = function(at, event, private)
    local uid, key, text = unpack(ARGV, at, at + 2)
    local target = call('HGET', NAMES, key)
    local sender = call('HGET', users_of(node_of(uid)), uid)
    if not target or not sender then
      event('nobody', uid)
    elseif text == '' then
      event('somebody', uid)
    else
      private(target, fields(sender)[2] .. '\n' .. text)
      event('told', target)
    end
    return 3
  end,
}

-- A node's batch, once: {'ok', number of the last entry}.
local function turn(node, lease, keep, sequence)
  if not is_known(node) then return {'unknown'} end
  if wait() > 0 then return {'settling', wait()} end
  renew(node, lease)
  if tonumber(sequence) <= tonumber(call('HGET', NODES, node)) then
    return {'ok', tonumber(call('HGET', HEAD, 'number'))}
  end
  local events, private, at = {}, {}, 6
  local function event(kind, value)
    events[#events + 1] = kind
    events[#events + 1] = value
  end
  local function tell(uid, line)
    local lines = private[node_of(uid)] or {}
    lines[#lines + 1] = uid
    lines[#lines + 1] = line
    private[node_of(uid)] = lines
  end
  while at <= #ARGV do
    at = at + 1 + operations[ARGV[at]](at + 1, event, tell)
  end
  -- The private lines first: a reader who is woken by the entry finds them.
  local number = tonumber(call('HGET', HEAD, 'number')) + 1
  local size = 0
  for target, lines in pairs(private) do
    add(private_of(target), number, unpack(lines))
    call('SADD', STREAMS, target)
    size = size + size_of(lines)
  end
  append(node .. '.' .. sequence, events, keep, size)
  call('HSET', NODES, node, sequence)  -- Last: what a call has failed at, is done again.
  return {'ok', number}
end

-- What is in Redis goes a day after the last heartbeat, or MINUTES after a node has ended, if no
-- other is heard. (The clock of Redis may be set: a day is longer than that.)
local function all_of(nodes)
  local keys = {LOG, HEAD, NAMES, NODES, LEASES, TERMS, MARKS, AWAITED, STREAMS}
  for _, node in ipairs(nodes) do
    keys[#keys + 1] = users_of(node)
    keys[#keys + 1] = private_of(node)
  end
  return keys
end

local function stay(node)
  for _, key in ipairs(all_of({node})) do
    local left = call('TTL', key)  -- -1: for ever; -2: there is no such key.
    if left > -2 and left < DAY - HOUR then call('EXPIRE', key, DAY) end
  end
end

-- A node lives, and looks who does not: {'ok', number of the last entry, nodes, milliseconds until
-- something can be added, users, names}.
local function beat(node, lease, keep)
  if not is_known(node) then return {'unknown'} end
  renew(node, lease)
  keep_to_terms(node, lease)
  stay(node)
  if wait() <= 0 then
    for _, dead in ipairs(call('ZRANGEBYSCORE', LEASES, '-inf', '(' .. now)) do
      bury(dead, keep)
      call('HSET', HEAD, 'buried', now)
    end
  end
  local users = 0
  for _, one in ipairs(call('HKEYS', NODES)) do users = users + call('HLEN', users_of(one)) end
  return {'ok', tonumber(call('HGET', HEAD, 'number')), call('ZCARD', LEASES), math.max(wait(), 0),
          users, call('HLEN', NAMES)}
end

-- There are not as many users or names here as all entries come to: another program has been here.
-- A node that has read all entries says who there is.
local function mend(node, _, _, number, chain, users)
  if not is_known(node) then return {'unknown'} end
  local head = call('HMGET', HEAD, 'number', 'chain')
  if head[1] ~= number or head[2] ~= chain then return {'moved'} end
  set_users(users)
  return {'ok'}
end

-- A new node comes; what it was before, if anything, is gone. If it wants to see all:
-- {'ok', number, chain, chain that the log began with,
--  {uid, address, name, key, '1' if the name is theirs, ...}, {node, number of its last batch, ...}}.
local function enter(node, lease, keep, run, window, chain, before, snapshot)
  if not has_head() then
    call('DEL', LOG, MARKS, NAMES, NODES, LEASES)
    call('HSET', HEAD, 'version', VERSION, 'number', 0, 'chain', chain, 'origin', chain,
         'run', run, 'heard', now)
    await({}, window / 4)  -- There may have been a room, and nodes that are on their way.
  end
  look_at_run(run, window, lease)
  if wait() > 0 then return {'settling', wait()} end
  local has_users = call('EXISTS', users_of(before)) == 1
  if has_lease(before) or has_users then bury(before, keep) end
  renew(node, lease)
  keep_to_terms(node, lease)
  call('HSET', NODES, node, 0)
  append(node .. '.in', {'enter', node}, keep)
  if snapshot == '' then return {'ok'} end
  local found = {}
  for _, one in ipairs(call('HKEYS', NODES)) do
    for _, user in ipairs(found_at(one)) do found[#found + 1] = user end
  end
  table.sort(found, by_order)
  local users = {}
  for _, user in ipairs(found) do
    for field = 1, 4 do users[#users + 1] = user[field] end
    users[#users + 1] = call('HGET', NAMES, user[4]) == user[1] and '1' or '0'
  end
  local head = call('HMGET', HEAD, 'number', 'chain', 'origin')
  return {'ok', head[1], head[2], head[3] or '', users, call('HGETALL', NODES)}
end

-- A node is back, and has read up to an entry: whether it can go on from there.
--   ok      it can
--   buried  it can read on, and will read of its own end
--   behind  it knows more than Redis, which knows this entry: number, chain
--   lost    the next entry is not there any more, or follows another
local function resume(node, lease, run, window, number, chain)
  if not has_head() then return {'behind', '0', ''} end
  look_at_run(run, window, lease)
  complete_leases(lease)
  local head = call('HMGET', HEAD, 'number', 'chain')
  if tonumber(number) > tonumber(head[1]) then return {'behind', head[1], head[2]} end
  for _, stream in ipairs({LOG, private_of(node)}) do clear_after(stream, tonumber(head[1])) end
  local is_ours = head[2] == chain
  if tonumber(number) < tonumber(head[1]) then
    local entry = call('XRANGE', LOG, id(number + 1), id(number + 1))[1]
    local tag, there = string.match(entry and entry[2][2] or '', '^(%S+) (%S+)$')
    is_ours = tag and chain_after(chain, tag) == there
  end
  is_back(node)
  if not is_ours then return {'lost'} end
  if not is_alive(node) then return {'buried'} end
  renew(node, lease)
  return {'ok'}
end

-- A node knows more than Redis: the entries after one that both know, and what all came to; or, if
-- that one is long ago, only the last entries (`whole` is '1'), in the place of all that is there.
--   ok
--   moved  Redis knows something newer meanwhile
--   lost   what is there must not be replaced: it is of another log, or something was added since
--          Redis was started, and so it may be more than an earlier state of what the node knows
-- The numbers say how many of each follow: entries (number, how many fields, fields), and nodes
-- (node, number of its last batch).
local function offer(_, lease, keep, run, window, known, known_chain, number, chain, origin, whole,
                     users, n_entries, n_nodes)
  local head = call('HMGET', HEAD, 'number', 'chain', 'origin', 'found')
  if head[1] and head[1] ~= '0' then
    if head[1] ~= known or head[2] ~= known_chain then return {'moved'} end
    if whole == '1' and (head[3] ~= origin or head[4] ~= head[1]) then return {'lost'} end
  end
  if whole == '1' then call('DEL', LOG, MARKS) end
  for _, node in ipairs(call('HKEYS', NODES)) do forget(node) end
  call('DEL', NAMES, NODES, LEASES)
  call('HSET', HEAD, 'version', VERSION, 'number', number, 'chain', chain, 'origin', origin,
       'run', run, 'heard', now)
  local at = 16
  for _ = 1, tonumber(n_entries) do
    local n_fields = tonumber(ARGV[at + 1])
    local entry = {unpack(ARGV, at + 2, at + 1 + n_fields)}
    add(LOG, ARGV[at], unpack(entry))
    count(tonumber(ARGV[at]), size_of(entry), keep)
    at = at + 2 + n_fields
  end
  for _ = 1, tonumber(n_nodes) do
    call('HSET', NODES, ARGV[at], ARGV[at + 1])
    call('PERSIST', private_of(ARGV[at]))
    extend(ARGV[at], window, lease)
    at = at + 2
  end
  await(call('HKEYS', NODES), window)
  set_users(users)
  return {'ok'}
end

-- Nobody is left: nothing that was said stays, if no node can come back that has not read it.
local function leave_nothing()
  for _, key in ipairs(all_of(call('SMEMBERS', STREAMS))) do
    if key ~= HEAD then call('DEL', key) end
  end
  call('EXPIRE', HEAD, DAY)
end

-- A node ends. While others may know more than Redis, nothing is added: then its lease has to end.
local function retire(node, lease, keep, run, window)
  if not has_head() then return {'ok'} end
  look_at_run(run, window, lease)
  is_back(node)  -- Never more.
  if is_alive(node) and wait() <= 0 then bury(node, keep) end
  local others, buried = call('HKEYS', NODES), tonumber(call('HGET', HEAD, 'buried') or 0)
  if #others == 0 and wait() <= 0 and now - buried > 1000 * MINUTES then
    leave_nothing()
  else
    local seconds = math.max(MINUTES, math.ceil(lease / 1000))
    for _, key in ipairs(all_of(others)) do call('EXPIRE', key, seconds) end
  end
  return {'ok'}
end

-- Whether the room is that of nodes of another version. When no such node lives, it is cleared.
local function is_of_another_version()
  local version = call('HGET', HEAD, 'version')
  if not version or version == VERSION then return false end
  if call('ZCOUNT', LEASES, now, '+inf') > 0 then return true end
  for _, node in ipairs(call('HKEYS', NODES)) do forget(node) end
  call('DEL', HEAD)
  return false
end

-- Another program may have deleted a part of the head. The rest says nothing about the room, so it
-- is deleted, too: the nodes then give back what they know.
local function delete_half_a_head()
  for _, field in ipairs({'version', 'number', 'chain', 'heard'}) do
    if call('HEXISTS', HEAD, field) == 0 then
      call('DEL', HEAD)
      return
    end
  end
end

if is_of_another_version() then return {'version'} end
delete_half_a_head()
let_time_pass(tonumber(ARGV[3]))
local calls = {
  turn = turn, beat = beat, mend = mend, enter = enter, resume = resume, offer = offer,
  retire = retire,
}
return calls[ARGV[1]](unpack(ARGV, 2, math.min(#ARGV, 15)))
