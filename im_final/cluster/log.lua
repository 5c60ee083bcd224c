-- The room's keys, its time and its stream. What is decided in Redis is in `room.lua`, which goes
-- on here: each call is one step, of which the others see all or nothing.
--
-- KEYS[1] is the prefix of all keys, with a hash tag, so that they lie in one slot: im:{ROOM}
--   :log          stream; entry N has the id N-0, and the fields `by`, then an event each
--   :head         hash; number and chain of the last entry, the chain that the log began with,
--                 what number this run of Redis began with, when a node was last heard, until when
--                 nothing is added, and the shortest lease of a node
--   :names        hash; key of a name -> uid
--   :users:NODE   hash; uid -> address, name, key, order, with newlines between
--   :nodes        hash; node -> number of its last batch
--   :leases       sorted set; node -> until when, in milliseconds of Redis's clock
--   :terms        hash; node -> how long its lease is
--   :marks        list; numbers of entries, and how many bytes there were up to them, to know
--                 where to trim
--   :awaited      set; nodes that may know more than Redis, and have not come back yet
--   :private:NODE stream; entry N-0 has the private lines of the log's entry N for that node
--   :streams      set; nodes for which there may be such a stream, dead ones too
-- ARGV[1] is what is to be done, ARGV[2] the node that asks, ARGV[3] its lease in milliseconds; for
-- the rest see the functions at the end of `room.lua`.

local VERSION = '2'  -- Of all this: nodes of another can not be in the same room.

local prefix = KEYS[1]
local LOG, HEAD, NAMES = prefix .. ':log', prefix .. ':head', prefix .. ':names'
local MARKS, STREAMS = prefix .. ':marks', prefix .. ':streams'
local NODES, LEASES, TERMS = prefix .. ':nodes', prefix .. ':leases', prefix .. ':terms'
local AWAITED = prefix .. ':awaited'
local call = redis.call
local MINUTES, HOUR, DAY = 600, 3600, 86400  -- Seconds.

local function users_of(node) return prefix .. ':users:' .. node end
local function private_of(node) return prefix .. ':private:' .. node end

local function clock()
  local time = call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end
local now = clock()

local function id(number) return string.format('%.0f-0', number) end
local function node_of(uid) return string.match(uid, '^[^.]+') end
local function fields(text)
  local found = {}
  for field in string.gmatch(text .. '\n', '([^\n]*)\n') do found[#found + 1] = field end
  return found
end

local function renew(node, lease) call('ZADD', LEASES, now + lease, node) end
-- A lease of its own length for another node, after so many milliseconds; it is not made shorter.
local function extend(node, after, lease)
  call('ZADD', LEASES, 'GT', now + after + (call('HGET', TERMS, node) or lease), node)
end
local function has_lease(node) return call('ZSCORE', LEASES, node) end
local function is_awaited(node) return call('SISMEMBER', AWAITED, node) == 1 end
local function is_alive(node) return has_lease(node) and call('HEXISTS', NODES, node) == 1 end
local function has_head() return call('EXISTS', HEAD) == 1 end
-- A node that is awaited may not have noticed that Redis has forgotten something.
local function is_known(node) return has_head() and is_alive(node) and not is_awaited(node) end
local function wait() return tonumber(call('HGET', HEAD, 'settled') or 0) - now end

-- How much is kept of the log is said in bytes of Redis's memory: entries have 200 or 200,000. So
-- with every 64th part of `keep` the number of the entry is noted, and how many bytes there were up
-- to it; what lies further back goes. The private lines of entries count, and go with them.
local PARTS, OVERHEAD = 64, 512

-- What an entry of these fields takes. An allocator has four sizes between a power of two and the
-- next, so it may be a quarter more. OVERHEAD is what `MEMORY USAGE` (Redis 7.0) has beyond that.
local function size_of(texts)
  local size = 128
  for _, text in ipairs(texts) do size = size + #text + (#text < 64 and 2 or 10) end
  local _, exponent = math.frexp(size)
  local quarter = 2 ^ (exponent - 3)
  return math.ceil(size / quarter) * quarter + OVERHEAD
end

-- All up to the entry of the oldest mark goes; whether there was one.
local function drop_part()
  local mark = call('LPOP', MARKS)
  if not mark then return false end
  local first = id(string.match(mark, '^%d+') + 1)
  call('XTRIM', LOG, 'MINID', '~', first, 'LIMIT', 0)  -- Else at most 10,000 go.
  for _, node in ipairs(call('SMEMBERS', STREAMS)) do
    call('XTRIM', private_of(node), 'MINID', '~', first, 'LIMIT', 0)
    if call('EXISTS', private_of(node)) == 0 then call('SREM', STREAMS, node) end
  end
  return true
end

-- An entry of that size was added: at most `keep` bytes, and the last entry, are to be there.
local function count(number, size, keep)
  local part, total = keep / PARTS, call('HINCRBY', HEAD, 'size', size)
  if math.floor(total / part) == math.floor((total - size) / part) then return end
  call('RPUSH', MARKS, string.format('%.0f %.0f', number, total))
  local function oldest() return tonumber(string.match(call('LINDEX', MARKS, 0), '%d+$')) end
  while oldest() <= total - keep + 2 * part do drop_part() end
end

-- The first write of a call. A full Redis refuses that one, and none after another that frees
-- memory: so the oldest part of the log goes, if there is a whole one, and what is said goes on.
local function write_first(...)
  local done = redis.pcall(...)
  if type(done) ~= 'table' or not done.err then return end
  if string.sub(done.err, 1, 4) ~= 'OOM ' or not drop_part() then error(done) end
  call(...)
end

-- Between two calls time passes as Redis's clock has it, but not back, and not more than a quarter
-- of a lease: in a longer silence nobody could be heard, or the clock was set. All that ends at
-- some time then ends so much later, or earlier. So a node that was heard half a lease before a
-- silence has a quarter of a lease left after it.
local function let_time_pass(lease)
  local known = call('HMGET', HEAD, 'heard', 'shortest')
  if not known[1] then return end
  local most = math.floor(math.min(lease, known[2] or lease) / 4)
  local passed = now - known[1]
  local unheard = passed - math.max(0, math.min(passed, most))
  write_first('HSET', HEAD, 'heard', now)
  if unheard == 0 then return end
  for _, node in ipairs(call('ZRANGE', LEASES, 0, -1)) do call('ZINCRBY', LEASES, unheard, node) end
  call('HINCRBY', HEAD, 'settled', unheard)
end

-- Nodes may have leases of different lengths.
local function keep_to_terms(node, lease)
  if call('HGET', TERMS, node) ~= lease then call('HSET', TERMS, node, lease) end
  local terms, shortest = call('HGETALL', TERMS), tonumber(lease)
  for at = 1, #terms, 2 do
    if has_lease(terms[at]) then
      shortest = math.min(shortest, terms[at + 1])
    else
      call('HDEL', TERMS, terms[at])
    end
  end
  if tonumber(call('HGET', HEAD, 'shortest')) ~= shortest then
    call('HSET', HEAD, 'shortest', shortest)
  end
end

local function chain_after(chain, tag) return string.sub(redis.sha1hex(chain .. tag), 1, 16) end

-- The streams are the nodes' alone: what another program has put behind that entry is deleted.
local function clear_after(stream, number)
  local found = redis.pcall('XRANGE', stream, '(' .. id(number), '+')
  if found.err then
    if string.find(found.err, 'WRONGTYPE', 1, true) then call('DEL', stream) end
  elseif #found > 0 then
    for _, entry in ipairs(found) do call('XDEL', stream, entry[1]) end
    if redis.pcall('XSETID', stream, id(number)).err then call('DEL', stream) end  -- So in Valkey.
  end
end

local function add(stream, number, ...)
  if type(redis.pcall('XADD', stream, id(number), ...)) == 'table' then  -- An error.
    clear_after(stream, number - 1)
    call('XADD', stream, id(number), ...)
  end
end

-- Add an entry of these events. Its chain is a digest of all before it: two logs whose chains are
-- the same at some entry are the same up to there. So many bytes of private lines belong to it.
local function append(tag, events, keep, private)
  local head = call('HMGET', HEAD, 'number', 'chain')
  local number = tonumber(head[1]) + 1
  local chain = chain_after(head[2], tag)
  add(LOG, number, 'by', tag .. ' ' .. chain, unpack(events))
  call('HSET', HEAD, 'number', string.format('%.0f', number), 'chain', chain)
  count(number, size_of(events) + (private or 0), keep)
  return number
end
