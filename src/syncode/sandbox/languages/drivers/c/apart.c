/* What both halves of a pair in C and C++ rest on: messages over descriptors 6 and 7, each a length of 8 bytes and so many bytes.
   With SYNCODE_TESTS also the counting of assertions and the proof: the linker sends the start-up code here (--wrap=main). */
#define _GNU_SOURCE
#include "apart.h"
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FAILED = 101, GONE = 106, INSEPARABLE = 107, SILENT = 108, LARGEST = 1 << 28, LISTED = 200 };

static syncode_message waiting; /* what is sent together with the next message that expects a reply */

static void ended(int code) {
    fflush(NULL);
    _exit(code);
}

static void told(const char *before, const char *text) {
    fprintf(stderr, "%s%s\n", before, text);
}

void syncode_malformed(void) {
    told("the other process has sent what is no message", "");
    ended(1);
    abort();
}

static void room(syncode_message *to, size_t more) {
    if (to->size + more <= to->room) return;
    to->room = to->size + more + (to->size + more) / 2 + 64;
    to->data = realloc(to->data, to->room);
    if (!to->data) {
        told("out of memory", "");
        ended(1);
    }
}

void syncode_put(syncode_message *to, const void *from, size_t size) {
    room(to, size);
    if (size) memcpy(to->data + to->size, from, size);
    to->size += size;
}

void syncode_put_byte(syncode_message *to, unsigned char byte) { syncode_put(to, &byte, 1); }

void syncode_put_count(syncode_message *to, size_t count) { syncode_put(to, &count, sizeof count); }

void syncode_put_text(syncode_message *to, const char *text, size_t size) {
    syncode_put_count(to, size);
    syncode_put(to, text, size);
}

void syncode_get(syncode_message *from, void *to, size_t size) {
    if (size > from->size - from->at) syncode_malformed();
    if (size) memcpy(to, from->data + from->at, size);
    from->at += size;
}

unsigned char syncode_get_byte(syncode_message *from) {
    unsigned char byte;
    syncode_get(from, &byte, 1);
    return byte;
}

/* Every element takes a byte at least. */
size_t syncode_get_count(syncode_message *from) {
    size_t count;
    syncode_get(from, &count, sizeof count);
    if (count > from->size - from->at) syncode_malformed();
    return count;
}

/* Returns bytes inside the message, with no zero behind them. */
const char *syncode_get_text(syncode_message *from, size_t *size) {
    *size = syncode_get_count(from);
    from->at += *size;
    return (const char *)from->data + from->at - *size;
}

unsigned char syncode_get_truth(syncode_message *from) {
    unsigned char byte = syncode_get_byte(from);
    if (byte > 1) syncode_malformed();
    return byte;
}

void syncode_all_read(syncode_message *from) {
    if (from->at != from->size) syncode_malformed();
}

void syncode_drop(syncode_message *done) {
    free(done->data);
    memset(done, 0, sizeof *done);
}

/* Keeps a message that expects no reply until another one is sent. */
void syncode_later(syncode_message *from) {
    syncode_put_text(&waiting, (char *)from->data, from->size);
    syncode_drop(from);
}

static void gone(void) {
#ifdef SYNCODE_TESTS
    ended(GONE);
#else
    exit(0);
#endif
}

static void write_all(const unsigned char *from, size_t size) {
    while (size) {
        ssize_t done = write(7, from, size);
        if (done <= 0) gone();
        from += done;
        size -= (size_t)done;
    }
}

void syncode_send(syncode_message *from) {
    if (from->size > 1 << 16) {
        syncode_put_count(&waiting, from->size);
        write_all(waiting.data, waiting.size);
        write_all(from->data, from->size);
        waiting.size = 0;
    } else {
        syncode_put_text(&waiting, (char *)from->data, from->size);
        write_all(waiting.data, waiting.size);
    }
    syncode_drop(from);
    if (waiting.room > 1 << 16)
        syncode_drop(&waiting);
    else
        waiting.size = 0;
}

static int read_all(void *into, size_t size) {
    unsigned char *to = into;
    while (size) {
        ssize_t done = read(6, to, size);
        if (done <= 0) return 0;
        to += done;
        size -= (size_t)done;
    }
    return 1;
}

/* Returns 0 if the other half has ended. What it says is looked at as it is read. */
int syncode_receive(syncode_message *to) {
    size_t size;
    memset(to, 0, sizeof *to);
    if (!read_all(&size, sizeof size)) return 0;
    if (size > LARGEST) syncode_malformed();
    room(to, size);
    to->size = size;
    return read_all(to->data, size);
}

void syncode_inseparable(const char *why) {
#ifdef SYNCODE_TESTS
    told("", why);
    ended(INSEPARABLE);
#else
    syncode_message message = {0};
    syncode_put_byte(&message, 'I');
    syncode_put(&message, why, strlen(why));
    syncode_send(&message);
    ended(0);
#endif
    abort();
}

#ifdef SYNCODE_TESTS
extern const int syncode_least;

static char key[33];
static size_t passed;
static syncode_message listed;

static int asked(char *words) {
    size_t done = 0;
    if (write(4, "?", 1) != 1) return 0;
    while (done < 33) {
        ssize_t got = read(3, words + done, 33 - done);
        if (got <= 0) return 0;
        done += (size_t)got;
    }
    return 1;
}

static void words(const char *text) { syncode_put(&listed, text, strlen(text)); }

/* Returns the text of an assertion without the marks around arguments (SYNCODE_AT). */
static const char *unmarked(const char *text) {
    static char made[400];
    static const char mark[] = "SYNCODE_AT(";
    int marks[40], open = 0, depth = 0;
    size_t size = 0;
    while (*text && size + 1 < sizeof made) {
        if (!strncmp(text, mark, sizeof mark - 1) && open < 40) {
            marks[open++] = depth++;
            text += sizeof mark - 1;
            continue;
        }
        depth += (*text == '(') - (*text == ')');
        if (*text == ')' && open && marks[open - 1] == depth)
            open--;
        else
            made[size++] = *text;
        text++;
    }
    made[size] = 0;
    return made;
}

static void list(const char *text, int line, const char *state) {
    char number[40];
    snprintf(number, sizeof number, "%s{\"name\":\"line %d: ", listed.size ? "," : "", line);
    words(number);
    for (int count = 0; *text && count < 200; text++, count++) {
        unsigned char one = (unsigned char)*text;
        if (one == '"' || one == '\\')
            words("\\");
        if (one >= ' ') syncode_put(&listed, text, 1);
    }
    words("\",\"state\":\"");
    words(state);
    words("\",\"reason\":\"\"}");
}

static int report(size_t total, size_t right) {
    char counts[160];
    snprintf(counts, sizeof counts, "{\"tests\":{\"total\":%zu,\"passed\":%zu,\"failed\":%zu},\"results\":[", total, right, total - right);
    syncode_message line = {0};
    syncode_put(&line, counts, strlen(counts));
    syncode_put(&line, listed.data, listed.size);
    syncode_put(&line, "]}\n", 3);
    for (size_t done = 0; done < line.size;) {
        ssize_t now = write(4, line.data + done, line.size - done);
        if (now <= 0) return 0;
        done += (size_t)now;
    }
    syncode_drop(&line);
    return 1;
}

void syncode_passed(const char *text, int line) {
    if (passed++ < LISTED) list(unmarked(text), line, "pass");
}

void syncode_failed(const char *text, const char *file, int line, const char *function) {
    text = unmarked(text);
    fflush(NULL);
    fprintf(stderr, "%s:%d: %s: Assertion `%s' failed.\n", file, line, function, text);
    list(text, line, "fail");
    report(passed + 1, passed);
    ended(FAILED);
}

int __real_main(int count, char **words, char **environment);

int __wrap_main(int count, char **words, char **environment) {
    char proof[65];
    signal(SIGPIPE, SIG_IGN);
    fcntl(6, F_SETPIPE_SZ, 1 << 20); /* large values: fewer changes between the two */
    fcntl(7, F_SETPIPE_SZ, 1 << 20);
    if (!asked(key)) return 1;
    int code = __real_main(count, words, environment);
    if (code) return code;
    if (!passed && !syncode_least) return SILENT;
    if (!report(passed ? passed : 1, passed ? passed : 1)) return 1;
    memcpy(proof, key, 32);
    return !asked(proof + 32) || write(4, proof, sizeof proof) != (ssize_t)sizeof proof;
}
#endif
