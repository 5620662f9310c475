/// A program without any library, for images FROM scratch.
enum ProbeProgram {
    static let source = #"""
        #include <arpa/inet.h>
        #include <fcntl.h>
        #include <signal.h>
        #include <stdio.h>
        #include <stdlib.h>
        #include <string.h>
        #include <sys/socket.h>
        #include <sys/stat.h>
        #include <unistd.h>

        static int text(const char *path, char *to, int limit) {
            int file = open(path, O_RDONLY);
            if (file < 0) { perror(path); return -1; }
            int count = read(file, to, limit - 1);
            close(file);
            to[count < 0 ? 0 : count] = 0;
            return count;
        }
        static void leave(int number) { (void)number; _exit(0); }
        static int serve(int port) {
            char version[64], request[4096], answer[4300];
            signal(SIGTERM, leave);
            signal(SIGPIPE, SIG_IGN);
            if (text("/version", version, sizeof version) < 0) return 1;
            int server = socket(AF_INET, SOCK_STREAM, 0), on = 1;
            setsockopt(server, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
            struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(port)};
            if (bind(server, (void *)&at, sizeof at) || listen(server, 64)) { perror("listen"); return 1; }
            printf("serving %s\n", version);
            fflush(stdout);
            for (;;) {
                int one = accept(server, 0, 0), got = 0;
                if (one < 0) continue;
                struct timeval wait = {5, 0};
                setsockopt(one, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
                while (got < (int)sizeof request - 1) {
                    int count = read(one, request + got, sizeof request - 1 - got);
                    if (count <= 0) break;
                    got += count;
                    request[got] = 0;
                    if (strstr(request, "\r\n\r\n")) break;
                }
                int count = snprintf(answer, sizeof answer,
                    "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\nConnection: close\r\n\r\n%s", strlen(version), version);
                if (write(one, answer, count) < 0) perror("write");
                close(one);
            }
        }
        static int ask(const char *address, int port) {
            char answer[256];
            struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = inet_addr(address)};
            int one = socket(AF_INET, SOCK_STREAM, 0);
            if (connect(one, (void *)&at, sizeof at)) { perror("connect"); return 1; }
            if (write(one, "GET / HTTP/1.0\r\n\r\n", 18) != 18) return 1;
            int count = read(one, answer, sizeof answer - 1);
            return count > 12 && !strncmp(answer + 9, "200", 3) ? 0 : 1;
        }
        int main(int count, char **words) {
            const char *verb = count > 1 ? words[1] : "";
            if (!strcmp(verb, "serve")) return serve(atoi(words[2]));
            if (!strcmp(verb, "ask")) return ask(count > 3 ? words[3] : "127.0.0.1", atoi(words[2]));
            if (!strcmp(verb, "wait")) { signal(SIGTERM, leave); puts("waiting"); fflush(stdout); for (;;) pause(); }
            if (!strcmp(verb, "stay")) { signal(SIGTERM, SIG_IGN); puts("staying"); fflush(stdout); for (;;) pause(); }
            if (!strcmp(verb, "kill")) return kill(-1, SIGKILL);
            if (!strcmp(verb, "exit")) return atoi(words[2]);
            if (!strcmp(verb, "write")) { int file = open(words[2], O_WRONLY | O_CREAT, 0600); if (file < 0) { perror(words[2]); return 1; } return 0; }
            if (!strcmp(verb, "say")) { puts(words[2]); fflush(stdout); fputs("and an error\n", stderr); return 0; }
            if (!strcmp(verb, "environment")) { puts(getenv(words[2]) ? getenv(words[2]) : "unset"); return 0; }
            if (!strcmp(verb, "show")) {
                char all[4096];
                struct stat found;
                if (stat(words[2], &found) || text(words[2], all, sizeof all) < 0) return 1;
                printf("%o %d:%d %s\n", found.st_mode & 07777, found.st_uid, found.st_gid, all);
                return 0;
            }
            fputs("what?\n", stderr);
            return 64;
        }

        """#
}
