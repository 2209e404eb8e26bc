/* The linker sends the start-up code here (--wrap=main): only a main that returns 0 reaches the question for the token. */
#include <unistd.h>

int __real_main(int count, char **words, char **environment);

int __wrap_main(int count, char **words, char **environment) {
    int code = __real_main(count, words, environment);
    if (code == 0) {
        char token[33];
        size_t done = 0;
        if (write(4, "?", 1) != 1) return 1;
        while (done < sizeof token) {
            ssize_t got = read(3, token + done, sizeof token - done);
            if (got <= 0) return 1;
            done += (size_t)got;
        }
        if (write(4, token, sizeof token) != (ssize_t)sizeof token) return 1;
    }
    return code;
}
