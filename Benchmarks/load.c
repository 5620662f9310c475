// Requests at a constant rate, and what became of each of them.
//
//     load [OPTIONS] PORT/PATH...       for example: load --rate 2000 --connections 64 8080/api/orders/1
//
// Open loop: request K is due at START + K / RATE whether or not the ones before it were answered. Its latency counts from
// that moment, so a stall shows in every request that it delayed (the correction for coordinated omission that wrk2 has
// and wrk, hey and ab have not). A request that finds its target's connections busy waits for the first that is free.
// Nothing is tried again: a request without a complete answer has failed. Only a connection that its server closed while
// no request was on it is opened anew in silence.
//
//     --rate N           requests a second, over all targets (1000)
//     --connections N    over all targets (64)
//     --seconds N        until SIGTERM when absent; what is under way then is waited for, and what no connection has taken
//                        by then counts as answered at that moment: a lower bound, and `unsent` says of how many
//     --warm N           seconds at the start that are not counted
//     --close            a connection for each request, with `Connection: close`
//     --timeout MS       from the sending to the last byte (5000)
//     --log FILE         a record for each request: due, sent, done (ns, CLOCK_MONOTONIC), status, X-Release, target, failure
//
// Prints one JSON object.

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

enum failure { NONE, CONNECT, UNANSWERED, BROKEN, TIMEOUT, STATUS, KINDS };
static const char *names[KINDS] = {"none", "connect", "unanswered", "broken", "timeout", "status"};

struct record {
    int64_t due, sent, done;
    int32_t status, release, target, failure;
};

struct target {
    int port;
    char request[512];
    int length;
    int64_t *waiting;  // due times of requests that no connection has taken yet: a ring
    size_t head, tail, room;
    struct connection *idle;
};

enum state { CLOSED, IDLE, CONNECTING, SENT };

struct connection {
    int socket, target;
    enum state state;
    int64_t due, sent;
    char buffer[16384];
    int filled, head_length, chunked, ends;
    long body;       // bytes of body that are announced; -1: until the end of the connection
    long received;   // bytes of body that have come
    int status, release;
    struct connection *next;
    int64_t begun;
};

static struct target *targets;
static struct connection *connections;
static int target_count, connection_count = 64, closes, poller;
static int64_t timeout_ns = 5000 * 1000000LL, warm_until;
static uint32_t *latencies, *waits;  // microseconds from due, and from sent
static size_t counted, capacity;
static uint64_t failures[KINDS], answered, total, unsent, in_flight;
static FILE *log_file;
static volatile sig_atomic_t stopping;

static int64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static void stop(int number) { (void)number; stopping = 1; }

static void refuse(const char *text) { fprintf(stderr, "load: %s\n", text); exit(64); }

static void push(struct target *target, int64_t due) {
    if (target->tail - target->head == target->room) {
        size_t room = target->room ? target->room * 2 : 1024;
        int64_t *larger = malloc(room * sizeof *larger);
        if (!larger) refuse("out of memory");
        for (size_t i = target->head; i < target->tail; i++)
            larger[i - target->head] = target->waiting[i % target->room];
        free(target->waiting);
        target->tail -= target->head;
        target->head = 0;
        target->waiting = larger;
        target->room = room;
    }
    target->waiting[target->tail++ % target->room] = due;
}

static void watch(struct connection *connection, uint32_t events, int operation) {
    struct epoll_event event = {.events = events, .data.ptr = connection};
    epoll_ctl(poller, operation, connection->socket, &event);
}

static void rest(struct connection *connection) {
    struct target *target = &targets[connection->target];
    connection->next = target->idle;
    target->idle = connection;
}

static void drop(struct connection *connection) {
    if (connection->socket >= 0) close(connection->socket);
    connection->socket = -1;
    connection->state = CLOSED;
}

static void count_latency(int64_t due, int64_t sent, int64_t time) {
    if (counted == capacity) {
        capacity = capacity ? capacity * 2 : 65536;
        latencies = realloc(latencies, capacity * sizeof *latencies);
        waits = realloc(waits, capacity * sizeof *waits);
        if (!latencies || !waits) refuse("out of memory");
    }
    waits[counted] = (time - sent) / 1000;
    latencies[counted++] = (time - due) / 1000;
}

// Ends the connection's request and puts the connection back.
static void settle(struct connection *connection, enum failure failure, int64_t time) {
    if (failure == NONE && (connection->status < 200 || connection->status > 299)) failure = STATUS;
    in_flight--;
    if (log_file) {
        struct record record = {connection->due, connection->sent, time, connection->status, connection->release,
                                connection->target, failure};
        fwrite(&record, sizeof record, 1, log_file);
    }
    if (connection->due >= warm_until) {
        total++;
        failures[failure]++;
        if (failure == NONE) {
            answered++;
            count_latency(connection->due, connection->sent, time);
        }
    }
    if (failure != NONE && failure != STATUS) connection->ends = 1;
    if (connection->ends || closes) drop(connection); else connection->state = IDLE;
    rest(connection);
}

static void send_request(struct connection *connection) {
    struct target *target = &targets[connection->target];
    connection->state = SENT;
    connection->filled = connection->head_length = connection->chunked = 0;
    connection->status = 0;
    connection->release = -1;
    connection->received = 0;
    connection->body = -1;
    connection->ends = closes;
    ssize_t sent = send(connection->socket, target->request, target->length, MSG_NOSIGNAL);
    if (sent != target->length) settle(connection, UNANSWERED, now());
}

static void begin(struct connection *connection, int64_t due) {
    connection->due = due;
    connection->sent = now();
    in_flight++;
    if (connection->state == IDLE) {
        send_request(connection);
        return;
    }
    connection->socket = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int one = 1;
    setsockopt(connection->socket, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(targets[connection->target].port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    connection->state = CONNECTING;
    connection->status = 0;
    connection->release = -1;
    connection->filled = 0;
    if (connect(connection->socket, (struct sockaddr *)&address, sizeof address) < 0 && errno != EINPROGRESS) {
        settle(connection, CONNECT, now());
        return;
    }
    watch(connection, EPOLLIN | EPOLLOUT | EPOLLRDHUP, EPOLL_CTL_ADD);
}

static const char *field(struct connection *connection, const char *name) {
    size_t length = strlen(name);
    for (char *line = connection->buffer; line < connection->buffer + connection->head_length;) {
        char *end = memchr(line, '\n', connection->buffer + connection->head_length - line);
        if (!end) return NULL;
        if (strncasecmp(line, name, length) == 0 && line[length] == ':') {
            line += length + 1;
            while (*line == ' ') line++;
            return line;
        }
        line = end + 1;
    }
    return NULL;
}

// Returns 1 once the answer is complete.
static int complete(struct connection *connection) {
    if (!connection->head_length) {
        char *end = memmem(connection->buffer, connection->filled, "\r\n\r\n", 4);
        if (!end) return 0;
        connection->head_length = end + 4 - connection->buffer;
        if (connection->filled > 12) connection->status = atoi(connection->buffer + 9);
        const char *value;
        if ((value = field(connection, "content-length"))) connection->body = atol(value);
        if ((value = field(connection, "transfer-encoding"))) connection->chunked = 1;
        if ((value = field(connection, "x-release"))) connection->release = atoi(value);
        if ((value = field(connection, "connection")) && strncasecmp(value, "close", 5) == 0) connection->ends = 1;
        connection->received = connection->filled - connection->head_length;
    }
    if (connection->chunked)
        return connection->filled >= 5 && memcmp(connection->buffer + connection->filled - 5, "0\r\n\r\n", 5) == 0;
    return connection->body >= 0 && connection->received >= connection->body;
}

static void receive(struct connection *connection) {
    while (connection->state == SENT) {
        // The body's bytes are counted, not kept; of a chunked one the last bytes are.
        int kept = connection->head_length && !connection->chunked ? connection->head_length : connection->filled;
        if (kept > (int)sizeof connection->buffer - 4096) {
            memmove(connection->buffer, connection->buffer + kept - 8, 8);
            kept = connection->filled = 8;
        }
        ssize_t count = recv(connection->socket, connection->buffer + kept, sizeof connection->buffer - kept, 0);
        if (count > 0) {
            if (connection->head_length) connection->received += count;
            connection->filled = kept + count;
            if (complete(connection)) settle(connection, NONE, now());
        } else if (count < 0 && (errno == EAGAIN || errno == EINTR)) {
            return;
        } else {
            int ended = count == 0 && connection->head_length && connection->body < 0 && !connection->chunked;
            connection->ends = 1;
            settle(connection, ended ? NONE : connection->filled ? BROKEN : UNANSWERED, now());
        }
    }
}

static void ready(struct connection *connection, uint32_t events) {
    switch (connection->state) {
    case CONNECTING: {
        int error = 0;
        socklen_t size = sizeof error;
        getsockopt(connection->socket, SOL_SOCKET, SO_ERROR, &error, &size);
        if (error || events & EPOLLERR) {
            settle(connection, CONNECT, now());
        } else if (events & EPOLLOUT) {
            watch(connection, EPOLLIN | EPOLLRDHUP, EPOLL_CTL_MOD);
            send_request(connection);
        }
        break;
    }
    case SENT: receive(connection); break;
    case IDLE:
        // Closed by its server between two requests, or it says what nobody asked.
        drop(connection);
        break;
    case CLOSED: break;
    }
}

static int ascending(const void *left, const void *right) {
    uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
    return a < b ? -1 : a > b;
}

static double quantile(uint32_t *values, double share) {
    return counted ? values[(size_t)(share * (counted - 1))] / 1000.0 : 0;
}

static void distribution(const char *name, uint32_t *values) {
    qsort(values, counted, sizeof *values, ascending);
    printf(",\"%s\":{\"p50\":%.3f,\"p90\":%.3f,\"p99\":%.3f,\"p999\":%.3f,\"max\":%.3f}", name, quantile(values, 0.5),
           quantile(values, 0.9), quantile(values, 0.99), quantile(values, 0.999), quantile(values, 1));
}

int main(int count, char **arguments) {
    double rate = 1000, seconds = 0, warm = 0;
    int at = 1;
    for (; at < count && strncmp(arguments[at], "--", 2) == 0; at++) {
        const char *option = arguments[at] + 2;
        if (strcmp(option, "close") == 0) { closes = 1; continue; }
        if (at + 1 == count) refuse("an option needs a value");
        const char *value = arguments[++at];
        if (strcmp(option, "rate") == 0) rate = atof(value);
        else if (strcmp(option, "connections") == 0) connection_count = atoi(value);
        else if (strcmp(option, "seconds") == 0) seconds = atof(value);
        else if (strcmp(option, "warm") == 0) warm = atof(value);
        else if (strcmp(option, "timeout") == 0) timeout_ns = atol(value) * 1000000LL;
        else if (strcmp(option, "log") == 0) log_file = fopen(value, "wb");
        else refuse("unknown option");
    }
    target_count = count - at;
    if (target_count < 1 || rate <= 0 || connection_count < target_count) refuse("PORT/PATH... is missing");
    targets = calloc(target_count, sizeof *targets);
    connections = calloc(connection_count, sizeof *connections);
    if (!targets || !connections) refuse("out of memory");
    for (int i = 0; i < target_count; i++) {
        targets[i].port = atoi(arguments[at + i]);
        const char *path = strchr(arguments[at + i], '/');
        targets[i].length = snprintf(targets[i].request, sizeof targets[i].request,
                                     "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n%s\r\n", path ? path : "/", targets[i].port,
                                     closes ? "Connection: close\r\n" : "");
    }
    for (int i = connection_count - 1; i >= 0; i--) {
        connections[i].socket = -1;
        connections[i].target = i % target_count;
        rest(&connections[i]);
    }
    signal(SIGPIPE, SIG_IGN);
    struct sigaction action = {.sa_handler = stop};
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    // Ordinary timers may be 50 us late.
    prctl(PR_SET_TIMERSLACK, 1UL);
    poller = epoll_create1(EPOLL_CLOEXEC);

    int64_t start = now(), end = seconds > 0 ? start + (int64_t)(seconds * 1e9) : INT64_MAX, looked = start;
    warm_until = start + (int64_t)(warm * 1e9);
    double interval = 1e9 / rate;
    uint64_t issued = 0;
    int64_t due = start;
    struct epoll_event events[256];
    while (1) {
        int64_t time = now();
        int over = stopping || time >= end;
        while (!over && due <= time) {
            push(&targets[issued % target_count], due);
            due = start + (int64_t)(++issued * interval);
        }
        for (int i = 0; i < target_count; i++) {
            struct target *target = &targets[i];
            for (; over && target->head < target->tail; target->head++, unsent++) {
                int64_t since = target->waiting[target->head % target->room];
                if (since >= warm_until) count_latency(since, time, time);
            }
            while (target->idle && target->head < target->tail) {
                struct connection *connection = target->idle;
                target->idle = connection->next;
                begin(connection, target->waiting[target->head++ % target->room]);
            }
        }
        if (over && !in_flight) break;
        if (time - looked > 50 * 1000000LL) {
            looked = time;
            for (int i = 0; i < connection_count; i++) {
                struct connection *connection = &connections[i];
                if ((connection->state == SENT || connection->state == CONNECTING) &&
                    time - connection->sent > timeout_ns) {
                    connection->ends = 1;
                    settle(connection, TIMEOUT, time);
                }
            }
        }
        int64_t left = over ? 20 * 1000000LL : due - now();
        if (left < 0) left = 0;
        if (left > 20 * 1000000LL) left = 20 * 1000000LL;
        struct timespec wait = {left / 1000000000LL, left % 1000000000LL};
        int found = epoll_pwait2(poller, events, 256, &wait, NULL);
        for (int i = 0; i < found; i++) ready(events[i].data.ptr, events[i].events);
    }
    double took = (now() - warm_until) / 1e9;
    if (log_file) fclose(log_file);
    printf("{\"requests\":%lu,\"answered\":%lu,\"failed\":%lu,\"unsent\":%lu,\"seconds\":%.3f,\"failures\":{", total,
           answered, total - answered, unsent, took);
    for (int i = 1; i < KINDS; i++) printf("%s\"%s\":%lu", i > 1 ? "," : "", names[i], failures[i]);
    printf("}");
    distribution("latency_ms", latencies);
    distribution("uncorrected_ms", waits);
    printf("}\n");
    return 0;
}
