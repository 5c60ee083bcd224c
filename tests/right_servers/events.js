// A right server in another language and design: Node, one thread, callbacks.
// Arguments: PORT IDLE STAGE.
"use strict";
const net = require("net");

const [port, idle, stage] = [Number(process.argv[2]), Number(process.argv[3] ?? 10), Number(process.argv[4] ?? 8)];
const MAX_LINE = 4096, BACKLOG = 1 << 20, GOODBYE = 2000;
const online = new Set(); // Keeps the order in which they joined.
const connections = new Set();
let stopping = false;

const tell = (about, text) => {
  for (const person of [...online]) person.send(`[${about.addr}]${about.name}:${text}`);
};

const likeAnAddress = (name) => {
  const at = name.lastIndexOf(":");
  return at > 0 && /^\d+$/.test(name.slice(at + 1)) && net.isIP(name.slice(0, at)) !== 0;
};

const valid = (name) =>
  [...name].length >= 1 && [...name].length <= 32 && !["who", "rename", "to"].includes(name) &&
  !/[|[\]\p{Cc}\p{Cf}\p{Zs}\p{Zl}\p{Zp}]/u.test(name) && !likeAnAddress(name);

const find = (name) => [...online].find((person) => person.name === name);

class Person {
  constructor(socket) {
    this.socket = socket;
    this.addr = this.name = `${socket.remoteAddress}:${socket.remotePort}`;
    this.unread = Buffer.alloc(0);
    this.saidGoodbye = false;
  }

  send(text) {
    this.socket.write(text + "\n");
    if (this.socket.writableLength > BACKLOG) this.socket.destroy();
  }

  rearm() {
    if (stage >= 7) {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => { this.send("你已超时，将被踢出下线"); this.goodbye(); }, idle * 1000);
    }
  }

  goodbye() {
    if (this.saidGoodbye) return;
    this.saidGoodbye = true;
    clearTimeout(this.timer);
    if (online.delete(this) && stage >= 3 && !stopping) tell(this, "下线");
    this.socket.end();
    this.cut = setTimeout(() => this.socket.destroy(), GOODBYE);
  }

  take(data) {
    if (this.saidGoodbye || stage < 2) return;
    this.unread = Buffer.concat([this.unread, data]);
    for (let end; (end = this.unread.indexOf(10)) >= 0 && end <= MAX_LINE && !this.saidGoodbye; ) {
      const line = this.unread.subarray(0, end);
      this.unread = this.unread.subarray(end + 1);
      this.act(line);
    }
    if (this.unread.length > MAX_LINE && !this.saidGoodbye) {
      this.unread = Buffer.alloc(0);
      if (stage >= 3) {
        this.send("消息过长，连接将被关闭");
        this.goodbye();
      }
    }
  }

  act(line) {
    this.rearm();
    if (line.length && line[line.length - 1] === 13) line = line.subarray(0, line.length - 1);
    const text = line.toString("utf8");
    if (!text || stage < 3) return;
    if (stage >= 5 && text === "who") for (const { name } of online) this.send(`[${name}] is online`);
    else if (stage >= 6 && text.startsWith("rename|")) this.rename(text.slice(7));
    else if (stage >= 8 && text.startsWith("to|")) this.whisper(text.slice(3));
    else tell(this, text);
  }

  rename(name) {
    if (!valid(name)) return this.send("用户名不合法，修改失败");
    if (find(name)) return this.send("用户名已存在，修改失败");
    this.send(`用户名修改成功,[${this.name}]->[${name}]`);
    this.name = name;
  }

  whisper(rest) {
    const bar = rest.indexOf("|");
    if (bar < 1) return this.send("发送私聊消息格式错误,正确格式:to|张三|你好呀");
    const target = find(rest.slice(0, bar));
    const text = rest.slice(bar + 1);
    if (!target) return this.send("目标对象不存在，请仔细检查");
    if (!text) return this.send("消息内容格式错误");
    target.send(`来自:[${this.name}]的消息，内容是:${text}`);
  }
}

const server = net.createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
  console.log("链接建立成功！！！");
  const person = new Person(socket);
  connections.add(person);
  socket.on("data", (data) => person.take(data));
  socket.on("end", () => {
    if (!person.saidGoodbye && person.unread.length) person.act(person.unread);
    person.goodbye();
  });
  socket.on("error", () => {});
  socket.on("close", () => { person.goodbye(); clearTimeout(person.cut); connections.delete(person); });
  if (stage === 1) return person.goodbye();
  online.add(person);
  tell(person, "已上线");
  person.rearm();
});

server.on("error", (error) => {
  if (error.code === "EADDRINUSE") {
    console.error(`cannot listen on port ${port}: ${error.code}`);
    process.exit(1);
  }
});
server.listen({ port, host: "127.0.0.1", backlog: 512 }, () => console.log("Server 运行成功~~~"));

for (const signal of ["SIGTERM", "SIGINT"])
  process.on(signal, () => {
    stopping = true;
    server.close();
    for (const person of connections) person.goodbye();
  });
