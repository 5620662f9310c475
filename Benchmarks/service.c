// A small service that behaves: it says which release it is, and finishes what it began before it ends.
//
//     service PORT          GET /health, /smoke, anything else; HTTP/1.1 with keep-alive, a thread for each connection
//
// Environment: RELEASE (a number, sent as X-Release), DELAY_MS (how long an answer takes, 2), START_MS (before it listens,
// 0), FAIL (percent of answers that are 500, 0), SMOKE_FAILS (1: /smoke answers 500), HOST (127.0.0.1).
// On SIGTERM it takes no more connections, answers what was asked, closes idle connections, and exits 0.
//
// Static, so that it runs in an image without anything else.

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

static atomic_int stopping, active;
static atomic_uint turn;
static int listener, release_number, delay_ms, fail_percent, smoke_fails;

static void stop(int number) {
    (void)number;
    stopping = 1;
    shutdown(listener, SHUT_RDWR);
}

static int setting(const char *name, int fallback) {
    const char *value = getenv(name);
    return value && *value ? atoi(value) : fallback;
}

static void pause_ms(int milliseconds) {
    struct timespec time = {milliseconds / 1000, milliseconds % 1000 * 1000000L};
    while (nanosleep(&time, &time) < 0 && errno == EINTR) {}
}

static int answer(int socket, const char *request) {
    const char *path = strchr(request, ' ');
    int health = path && strncmp(path, " /health", 8) == 0;
    int smoke = path && strncmp(path, " /smoke", 7) == 0;
    if (!health && delay_ms) pause_ms(delay_ms);
    int status = 200;
    if (smoke && smoke_fails) status = 500;
    if (!smoke && !health && fail_percent && turn++ % 100 < (unsigned)fail_percent) status = 500;
    int closes = stopping || strcasestr(request, "\r\nConnection: close") != NULL;
    char text[512], body[64];
    int length = snprintf(body, sizeof body, "{\"release\":%d}\n", release_number);
    int size = snprintf(text, sizeof text,
                        "HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\nX-Release: %d\r\n%s\r\n%s",
                        status == 200 ? "200 OK" : "500 Internal Server Error", length, release_number,
                        closes ? "Connection: close\r\n" : "", body);
    return send(socket, text, size, MSG_NOSIGNAL) == size && !closes;
}

static void *serve(void *argument) {
    int socket = (int)(long)argument, filled = 0;
    char buffer[16384];
    while (1) {
        buffer[filled] = 0;
        char *end = strstr(buffer, "\r\n\r\n");
        if (end) {
            end[2] = 0;
            int goes_on = answer(socket, buffer);
            filled -= end + 4 - buffer;
            memmove(buffer, end + 4, filled);
            if (!goes_on) break;
            continue;
        }
        struct pollfd poller = {.fd = socket, .events = POLLIN};
        int found = poll(&poller, 1, 20);
        if (found == 0 && stopping && filled == 0) break;
        if (found <= 0) continue;
        ssize_t count = recv(socket, buffer + filled, sizeof buffer - 1 - filled, 0);
        if (count <= 0) break;
        filled += count;
    }
    close(socket);
    active--;
    return NULL;
}

int main(int count, char **arguments) {
    if (count != 2) return 64;
    release_number = setting("RELEASE", 0);
    delay_ms = setting("DELAY_MS", 2);
    fail_percent = setting("FAIL", 0);
    smoke_fails = setting("SMOKE_FAILS", 0);
    pause_ms(setting("START_MS", 0));
    const char *host = getenv("HOST") ? getenv("HOST") : "127.0.0.1";
    listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int one = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(atoi(arguments[1]))};
    if (inet_pton(AF_INET, host, &address.sin_addr) != 1) return 64;
    if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0 || listen(listener, 1024) < 0) {
        perror("listen");
        return 1;
    }
    struct sigaction action = {.sa_handler = stop};
    sigaction(SIGTERM, &action, NULL);
    signal(SIGPIPE, SIG_IGN);
    pthread_attr_t small;
    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, 128 * 1024);
    while (!stopping) {
        int socket = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
        if (socket < 0) continue;
        setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        pthread_t thread;
        active++;
        if (pthread_create(&thread, &small, serve, (void *)(long)socket) != 0) {
            active--;
            close(socket);
        } else {
            pthread_detach(thread);
        }
    }
    for (int waited = 0; active > 0 && waited < 9000; waited += 5) pause_ms(5);
    return 0;
}
