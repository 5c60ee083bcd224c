/* A right server in another language and design: C, one thread, poll(2).
 *
 * It takes newcomers before it looks at who has left. Arguments: PORT IDLE STAGE. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { MOST = 4096, MAX_LINE = 4096, IN = 8192, BACKLOG = 1 << 20, GOODBYE_MS = 2000 };

typedef struct {
    int fd, online, saying_goodbye, input_ended, used, dropped;
    char addr[64], name[256];
    char in[IN];
    size_t in_len, out_len, out_size;
    char *out;
    long long last, cut_at;
    unsigned long long number; /* The order in which they joined. */
} person;

static person *people[MOST];
static int count, stage = 8;
static long long idle_ms = 10000;
static unsigned long long joined;
static volatile sig_atomic_t stopping;

static long long now_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

static void say_to(person *p, const char *data, size_t len) {
    if (p->dropped) return;
    if (p->out_len + len > BACKLOG) {
        p->dropped = 1;
        return;
    }
    if (p->out_len + len > p->out_size) {
        p->out_size = (p->out_len + len) * 2;
        p->out = realloc(p->out, p->out_size);
    }
    memcpy(p->out + p->out_len, data, len);
    p->out_len += len;
}

static void answer(person *p, const char *form, ...) {
    char line[MAX_LINE * 3 + 1024];
    va_list rest;
    va_start(rest, form);
    int len = vsnprintf(line, sizeof line, form, rest);
    va_end(rest);
    line[len] = '\n';
    say_to(p, line, len + 1);
}

/* `text` may have NUL bytes in it, so it comes with its length. */
static void broadcast(person *from, const char *text, size_t len) {
    char line[MAX_LINE * 3 + 1024];
    int head = snprintf(line, sizeof line, "[%s]%s:", from->addr, from->name);
    memcpy(line + head, text, len);
    line[head + len] = '\n';
    for (int i = 0; i < count; i++)
        if (people[i]->online) say_to(people[i], line, head + len + 1);
}

static void leave(person *p) {
    if (!p->online) return;
    p->online = 0;
    if (stage >= 3 && !stopping) broadcast(p, "下线", strlen("下线"));
}

static void farewell(person *p) {
    leave(p);
    if (!p->saying_goodbye) {
        p->saying_goodbye = 1;
        p->cut_at = now_ms() + GOODBYE_MS;
    }
}

/* The next code point, or -1 for what is no UTF-8; `used` says how many bytes it took. */
static int decode(const unsigned char *s, size_t len, int *used) {
    int need = s[0] < 0x80 ? 0 : s[0] >= 0xC2 && s[0] < 0xE0 ? 1 : (s[0] & 0xF0) == 0xE0 ? 2
               : s[0] >= 0xF0 && s[0] < 0xF5 ? 3 : -1;
    *used = 1;
    if (need < 0 || (size_t)need >= len) return -1;
    int code = need == 0 ? s[0] : s[0] & (0x3F >> need);
    for (int i = 1; i <= need; i++) {
        if ((s[i] & 0xC0) != 0x80) return -1;
        code = code << 6 | (s[i] & 0x3F);
    }
    if ((need == 2 && code < 0x800) || (need == 3 && code < 0x10000) || code > 0x10FFFF
        || (code >= 0xD800 && code < 0xE000)) return -1;
    *used = need + 1;
    return code;
}

/* Copy a line with U+FFFD for what is no UTF-8; returns its new length. */
static size_t repair(const char *from, size_t len, char *to) {
    size_t at = 0, end = 0;
    while (at < len) {
        int used;
        if (decode((const unsigned char *)from + at, len - at, &used) < 0) {
            memcpy(to + end, "\xEF\xBF\xBD", 3);
            end += 3;
        } else {
            memcpy(to + end, from + at, used);
            end += used;
        }
        at += used;
    }
    return end;
}

/* White space, control and format characters: Unicode's Zs, Zl, Zp, Cc, Cf. */
static const int FORBIDDEN[][2] = {
    {0, 0x20}, {0x7F, 0xA0}, {0xAD, 0xAD}, {0x600, 0x605}, {0x61C, 0x61C}, {0x6DD, 0x6DD},
    {0x70F, 0x70F}, {0x890, 0x891}, {0x8E2, 0x8E2}, {0x1680, 0x1680}, {0x180E, 0x180E},
    {0x2000, 0x200F}, {0x2028, 0x202F}, {0x205F, 0x2064}, {0x2066, 0x206F}, {0x3000, 0x3000},
    {0xFEFF, 0xFEFF}, {0xFFF9, 0xFFFB}, {0x110BD, 0x110BD}, {0x110CD, 0x110CD},
    {0x13430, 0x1343F}, {0x1BCA0, 0x1BCA3}, {0x1D173, 0x1D17A}, {0xE0001, 0xE0001},
    {0xE0020, 0xE007F}, {'|', '|'}, {'[', '['}, {']', ']'},
};

static int like_an_address(const char *name) {
    const char *colon = strrchr(name, ':');
    if (!colon || !colon[1] || strspn(colon + 1, "0123456789") != strlen(colon + 1)) return 0;
    char host[256] = {0};
    unsigned char any[16];
    memcpy(host, name, colon - name);
    return inet_pton(AF_INET, host, any) == 1 || inet_pton(AF_INET6, host, any) == 1;
}

static int valid(const char *name, size_t len) {
    int characters = 0, used;
    if (len > 32 * 4) return 0;
    for (size_t at = 0; at < len; at += used, characters++) {
        int code = decode((const unsigned char *)name + at, len - at, &used);
        for (size_t i = 0; i < sizeof FORBIDDEN / sizeof *FORBIDDEN; i++)
            if (code >= FORBIDDEN[i][0] && code <= FORBIDDEN[i][1]) return 0;
    }
    return characters >= 1 && characters <= 32 && strcmp(name, "who") && strcmp(name, "rename")
        && strcmp(name, "to") && !like_an_address(name);
}

static person *find(const char *name, size_t len) {
    for (int i = 0; i < count; i++)
        if (people[i]->online && strlen(people[i]->name) == len && !memcmp(people[i]->name, name, len))
            return people[i];
    return NULL;
}

static int by_number(const void *a, const void *b) {
    const person *x = *(person *const *)a, *y = *(person *const *)b;
    return x->number < y->number ? -1 : 1;
}

static void who(person *p) {
    person *sorted[MOST];
    memcpy(sorted, people, sizeof *people * count);
    qsort(sorted, count, sizeof *sorted, by_number);
    for (int i = 0; i < count; i++)
        if (sorted[i]->online) answer(p, "[%s] is online", sorted[i]->name);
}

static void rename_to(person *p, const char *new, size_t len) {
    if (!valid(new, len)) answer(p, "用户名不合法，修改失败");
    else if (find(new, len)) answer(p, "用户名已存在，修改失败");
    else {
        answer(p, "用户名修改成功,[%s]->[%s]", p->name, new);
        strcpy(p->name, new);
    }
}

static void whisper(person *p, const char *rest, size_t len) {
    const char *bar = memchr(rest, '|', len);
    if (!bar || bar == rest) {
        answer(p, "发送私聊消息格式错误,正确格式:to|张三|你好呀");
        return;
    }
    person *target = find(rest, bar - rest);
    const char *text = bar + 1;
    size_t text_len = len - (text - rest);
    if (!target) answer(p, "目标对象不存在，请仔细检查");
    else if (!text_len) answer(p, "消息内容格式错误");
    else {
        char line[MAX_LINE * 3 + 1024];
        int head = snprintf(line, sizeof line, "来自:[%s]的消息，内容是:", p->name);
        memcpy(line + head, text, text_len);
        line[head + text_len] = '\n';
        say_to(target, line, head + text_len + 1);
    }
}

static void act(person *p, const char *raw, size_t len) {
    char text[MAX_LINE * 3 + 1];
    if (len && raw[len - 1] == '\r') len--;
    p->last = now_ms();
    len = repair(raw, len, text);
    text[len] = 0;
    if (!len || stage < 3) return;
    if (stage >= 5 && len == 3 && !memcmp(text, "who", 3)) who(p);
    else if (stage >= 6 && len >= 7 && !memcmp(text, "rename|", 7)) rename_to(p, text + 7, len - 7);
    else if (stage >= 8 && len >= 3 && !memcmp(text, "to|", 3)) whisper(p, text + 3, len - 3);
    else broadcast(p, text, len);
}

static void refuse(person *p) {
    answer(p, "消息过长，连接将被关闭");
    farewell(p);
}

/* Cut what has come into lines, and act on them. */
static void take_lines(person *p) {
    size_t at = 0;
    while (!p->saying_goodbye) {
        char *end = memchr(p->in + at, '\n', p->in_len - at);
        size_t len = end ? (size_t)(end - (p->in + at)) : p->in_len - at;
        if (len > MAX_LINE) {
            if (stage >= 3) refuse(p);
            at = p->in_len;
            break;
        }
        if (!end) break;
        act(p, p->in + at, len);
        at += len + 1;
    }
    memmove(p->in, p->in + at, p->in_len - at);
    p->in_len -= at;
}

static void take_input(person *p) {
    if (p->saying_goodbye) p->in_len = 0;
    ssize_t got = recv(p->fd, p->in + p->in_len, IN - p->in_len, 0);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (got < 0) {
        p->dropped = 1;
    } else if (got == 0) {
        p->input_ended = 1;
        if (p->in_len && !p->saying_goodbye) act(p, p->in, p->in_len);
        farewell(p);
    } else {
        p->in_len += got;
        if (!p->saying_goodbye) take_lines(p);
    }
}

static void give_output(person *p) {
    while (p->out_len) {
        ssize_t sent = send(p->fd, p->out, p->out_len, MSG_NOSIGNAL);
        if (sent < 0) {
            if (errno != EAGAIN && errno != EINTR) p->dropped = 1;
            return;
        }
        memmove(p->out, p->out + sent, p->out_len - sent);
        p->out_len -= sent;
    }
    if (p->saying_goodbye == 1) {
        shutdown(p->fd, SHUT_WR);
        p->saying_goodbye = 2;
    }
}

static int newcomer(int listener) {
    struct sockaddr_in from;
    socklen_t size = sizeof from;
    int fd = accept(listener, (struct sockaddr *)&from, &size);
    if (fd < 0) return errno == EMFILE || errno == ENFILE ? -1 : 0;
    puts("链接建立成功！！！");
    fflush(stdout);
    fcntl(fd, F_SETFL, O_NONBLOCK);
    person *p = calloc(1, sizeof *p);
    char host[32];
    inet_ntop(AF_INET, &from.sin_addr, host, sizeof host);
    snprintf(p->addr, sizeof p->addr, "%s:%d", host, ntohs(from.sin_port));
    strcpy(p->name, p->addr);
    p->fd = fd;
    p->last = now_ms();
    p->number = joined++;
    people[count++] = p;
    if (stage == 1) {
        farewell(p);
    } else {
        p->online = 1;
        broadcast(p, "已上线", strlen("已上线"));
    }
    return 1;
}

static void let_go(int i) {
    person *p = people[i];
    people[i] = people[--count];
    close(p->fd); /* First closed, then announced: both orders are right. */
    leave(p);
    free(p->out);
    free(p);
}

static void stop(int number) {
    (void)number;
    stopping = 1;
}

int main(int argc, char **argv) {
    int port = atoi(argv[1]), one = 1;
    if (argc > 2) idle_ms = (long long)(atof(argv[2]) * 1000);
    if (argc > 3) stage = atoi(argv[3]);
    struct sigaction action = {.sa_handler = stop};
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    signal(SIGPIPE, SIG_IGN);
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(port)};
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(listener, (struct sockaddr *)&at, sizeof at) || listen(listener, 512)) {
        fprintf(stderr, "cannot listen on port %d: %s\n", port, strerror(errno));
        return 1;
    }
    puts("Server 运行成功~~~");
    fflush(stdout);
    long long deaf_until = 0;
    static struct pollfd watched[MOST + 1];
    while (!stopping || count) {
        long long now = now_ms();
        int before = count;
        watched[0] = (struct pollfd){stopping || now < deaf_until ? -1 : listener, POLLIN, 0};
        for (int i = 0; i < count; i++) {
            person *p = people[i];
            short events = (p->input_ended ? 0 : POLLIN) | (p->out_len ? POLLOUT : 0);
            watched[i + 1] = (struct pollfd){p->fd, events, 0};
        }
        poll(watched, count + 1, 50);
        now = now_ms();
        if (!stopping && watched[0].revents && newcomer(listener) < 0) deaf_until = now + 500;
        for (int i = 0; i < before; i++)
            if (watched[i + 1].revents & (POLLIN | POLLHUP | POLLERR) && !people[i]->input_ended)
                take_input(people[i]);
        for (int i = 0; i < count; i++) {
            person *p = people[i];
            if (stopping) farewell(p);
            if (stage >= 7 && !p->saying_goodbye && now - p->last > idle_ms) {
                answer(p, "你已超时，将被踢出下线");
                farewell(p);
            }
        }
        for (int i = 0; i < count; i++) give_output(people[i]);
        for (int i = count - 1; i >= 0; i--) {
            person *p = people[i];
            int done = p->saying_goodbye == 2 && p->input_ended && !p->out_len;
            if (p->dropped || done || (p->saying_goodbye && now > p->cut_at)) let_go(i);
        }
    }
    return 0;
}
