/* The linker sends the start-up code here (--wrap=main): only a main that returns 0 reaches the proof. The key is read before any
   constructor of the answer, for this file is linked first. Functions of the C library that the tests rest on must be its own. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <link.h>
#include <string.h>
#include <unistd.h>

#ifndef SYNCODE_NAMES
#define SYNCODE_NAMES
#endif
#ifndef SYNCODE_TOTAL
#define SYNCODE_TOTAL -1
#endif

static char syncode_key[33];

static int syncode_read(char *words) {
    size_t done = 0;
    if (write(4, "?", 1) != 1) return 0;
    while (done < 33) {
        ssize_t got = read(3, words + done, 33 - done);
        if (got <= 0) return 0;
        done += (size_t)got;
    }
    return 1;
}

static void syncode_first(int count, char **words, char **environment) { syncode_read(syncode_key); }
__attribute__((section(".preinit_array"), used)) static void (*syncode_begin)(int, char **, char **) = syncode_first;

static int syncode_told(const char *text) { return write(2, text, strlen(text)) > 0; }

/* Returns whether the functions of the C library that the tests rest on are its own. */
static int syncode_intact(void) {
    static const char *names[] = {SYNCODE_NAMES 0};
    Dl_info mine, found;
    dladdr((void *)syncode_read, &mine);
    for (const char **name = names; *name; name++) {
        void *place = dlsym(RTLD_DEFAULT, *name);
        if (place && dladdr(place, &found) && found.dli_fbase == mine.dli_fbase) {
            syncode_told("the answer takes the place of ");
            syncode_told(*name);
            syncode_told(" of the C library\n");
            return 0;
        }
    }
    return 1;
}

/* Says how many tests there were, and the proof; returns the exit code. */
static int syncode_end(void) {
    char proof[65];
    char report[100] = "{\"tests\":{\"total\":N,\"passed\":N}}\n";
    if (SYNCODE_TOTAL >= 0) {
        for (char *at = report; (at = strchr(at, 'N')); at++) *at = (char)('0' + SYNCODE_TOTAL);
        if (write(4, report, strlen(report)) < 0) return 1;
    }
    memcpy(proof, syncode_key, 32);
    return !syncode_read(proof + 32) || write(4, proof, sizeof proof) != (ssize_t)sizeof proof;
}

#ifdef SYNCODE_CALLED
int syncode_finish(void) { return syncode_end(); }
#else
int __real_main(int count, char **words, char **environment);

int __wrap_main(int count, char **words, char **environment) {
    int code = syncode_intact() ? __real_main(count, words, environment) : 1;
    return code ? code : syncode_end();
}
#endif
