// A right server in another language and design: Go, a goroutine that owns the room, and two for
// each connection. Arguments: PORT IDLE STAGE.
package main

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
	"unicode"
	"unicode/utf8"
)

const (
	maxLine = 4096
	backlog = 1 << 20
	goodbye = 2 * time.Second
)

var (
	stage = 8
	idle  = 10 * time.Second
)

type person struct {
	conn       *net.TCPConn
	addr, name string

	mu      sync.Mutex
	bell    *sync.Cond
	out     []byte
	closing bool
}

func newPerson(conn *net.TCPConn) *person {
	p := &person{conn: conn, addr: conn.RemoteAddr().String()}
	p.name = p.addr
	p.bell = sync.NewCond(&p.mu)
	return p
}

// send queues a line; one who is too far behind is dropped.
func (p *person) send(text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.out = append(append(p.out, text...), '\n')
	if len(p.out) > backlog {
		p.conn.SetLinger(0)
		p.conn.Close()
	}
	p.bell.Signal()
}

// write sends what is queued until there is no more.
func (p *person) write() {
	for {
		p.mu.Lock()
		for len(p.out) == 0 && !p.closing {
			p.bell.Wait()
		}
		out := p.out
		p.out = nil
		p.mu.Unlock()
		if len(out) == 0 {
			return
		}
		if _, err := p.conn.Write(out); err != nil {
			return
		}
	}
}

// room is who is online, in the order they joined.
type room struct {
	mu     sync.Mutex
	online []*person
}

func (r *room) tell(about *person, text string) {
	line := fmt.Sprintf("[%s]%s:%s", about.addr, about.name, text)
	for _, p := range r.online {
		p.send(line)
	}
}

func (r *room) join(p *person) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if stage >= 2 {
		r.online = append(r.online, p)
		r.tell(p, "已上线")
	}
}

func (r *room) leave(p *person) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i, other := range r.online {
		if other == p {
			r.online = append(append([]*person{}, r.online[:i]...), r.online[i+1:]...)
			if stage >= 3 {
				r.tell(p, "下线")
			}
			return
		}
	}
}

func (r *room) find(name string) *person {
	for _, p := range r.online {
		if p.name == name {
			return p
		}
	}
	return nil
}

func (r *room) act(p *person, line []byte) {
	text := strings.ToValidUTF8(string(bytes.TrimSuffix(line, []byte("\r"))), "\uFFFD")
	if text == "" || stage < 3 {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case stage >= 5 && text == "who":
		for _, other := range r.online {
			p.send("[" + other.name + "] is online")
		}
	case stage >= 6 && strings.HasPrefix(text, "rename|"):
		r.rename(p, text[len("rename|"):])
	case stage >= 8 && strings.HasPrefix(text, "to|"):
		r.whisper(p, text[len("to|"):])
	default:
		r.tell(p, text)
	}
}

func (r *room) rename(p *person, name string) {
	switch {
	case !valid(name):
		p.send("用户名不合法，修改失败")
	case r.find(name) != nil:
		p.send("用户名已存在，修改失败")
	default:
		p.send(fmt.Sprintf("用户名修改成功,[%s]->[%s]", p.name, name))
		p.name = name
	}
}

func (r *room) whisper(p *person, rest string) {
	bar := strings.Index(rest, "|")
	if bar < 1 {
		p.send("发送私聊消息格式错误,正确格式:to|张三|你好呀")
		return
	}
	target, text := r.find(rest[:bar]), rest[bar+1:]
	switch {
	case target == nil:
		p.send("目标对象不存在，请仔细检查")
	case text == "":
		p.send("消息内容格式错误")
	default:
		target.send("来自:[" + p.name + "]的消息，内容是:" + text)
	}
}

func valid(name string) bool {
	if n := utf8.RuneCountInString(name); n < 1 || n > 32 {
		return false
	}
	for _, c := range name {
		if strings.ContainsRune("|[]", c) || unicode.IsSpace(c) || unicode.In(c, unicode.Cc, unicode.Cf, unicode.Z) {
			return false
		}
	}
	if host, port, err := cutAddress(name); err == nil && net.ParseIP(host) != nil && port {
		return false
	}
	return name != "who" && name != "rename" && name != "to"
}

func cutAddress(name string) (string, bool, error) {
	at := strings.LastIndex(name, ":")
	if at < 0 {
		return "", false, fmt.Errorf("no port")
	}
	_, err := strconv.ParseUint(name[at+1:], 10, 64)
	return name[:at], err == nil, nil
}

// converse reads lines until there are no more; it returns what is to be said last.
func (r *room) converse(p *person) string {
	var unread []byte
	chunk := make([]byte, 4096)
	if stage >= 7 {
		p.conn.SetReadDeadline(time.Now().Add(idle))
	}
	for {
		n, err := p.conn.Read(chunk)
		unread = append(unread, chunk[:n]...)
		for {
			end := bytes.IndexByte(unread, '\n')
			if end > maxLine || (end < 0 && len(unread) > maxLine) {
				if stage >= 3 {
					return "消息过长，连接将被关闭"
				}
				unread = nil
				break
			}
			if end < 0 {
				break
			}
			if stage >= 7 {
				p.conn.SetReadDeadline(time.Now().Add(idle))
			}
			r.act(p, unread[:end])
			unread = unread[end+1:]
		}
		if err, ok := err.(net.Error); ok && err.Timeout() && stage >= 7 {
			return "你已超时，将被踢出下线"
		}
		if err != nil {
			if len(unread) > 0 {
				r.act(p, unread)
			}
			return ""
		}
	}
}

func (r *room) serve(p *person, ended <-chan struct{}) {
	written := make(chan struct{})
	go func() { p.write(); close(written) }()
	last := make(chan string, 1)
	r.join(p)
	if stage == 1 {
		last <- ""
	} else {
		go func() { last <- r.converse(p) }()
	}
	select {
	case text := <-last:
		r.leave(p)
		if text != "" {
			p.send(text)
		}
	case <-ended:
	}
	p.mu.Lock()
	p.closing = true
	p.bell.Signal()
	p.mu.Unlock()
	p.conn.SetDeadline(time.Now().Add(goodbye))
	<-written
	p.conn.CloseWrite()
	p.conn.SetReadDeadline(time.Now().Add(time.Second))
	rest := make([]byte, 1<<16)
	for {
		if _, err := p.conn.Read(rest); err != nil {
			break
		}
	}
	p.conn.Close()
}

func main() {
	if len(os.Args) > 2 {
		seconds, _ := strconv.ParseFloat(os.Args[2], 64)
		idle = time.Duration(seconds * float64(time.Second))
	}
	if len(os.Args) > 3 {
		stage, _ = strconv.Atoi(os.Args[3])
	}
	listener, err := net.Listen("tcp4", "127.0.0.1:"+os.Args[1])
	if err != nil {
		fmt.Fprintln(os.Stderr, "cannot listen:", err)
		os.Exit(1)
	}
	fmt.Println("Server 运行成功~~~")
	r, ended, visits := &room{}, make(chan struct{}), &sync.WaitGroup{}
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT)
	go func() {
		<-signals
		close(ended)
		listener.Close()
	}()
	for {
		conn, err := listener.Accept()
		select {
		case <-ended:
			visits.Wait()
			return
		default:
		}
		if err != nil {
			time.Sleep(100 * time.Millisecond)
			continue
		}
		fmt.Println("链接建立成功！！！")
		p := newPerson(conn.(*net.TCPConn))
		visits.Add(1)
		go func() { r.serve(p, ended); visits.Done() }()
	}
}
