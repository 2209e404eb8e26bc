/* Remembers what malloc has given out, in both halves of a pair in C, so that the size of what a pointer points to is known. */
#include "apart_memory.h"
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#define UNKNOWN ((size_t)-1)

void *__libc_malloc(size_t);
void *__libc_calloc(size_t, size_t);
void *__libc_realloc(void *, size_t);
void *__libc_memalign(size_t, size_t);
void __libc_free(void *);

/* What malloc has given out: an open hash table. */
static struct given { char *at; size_t size; } *table;
static size_t slots, used;
static volatile int locked;

static void lock(void) { while (__sync_lock_test_and_set(&locked, 1)) usleep(0); }
static void unlock(void) { __sync_lock_release(&locked); }

static size_t place_of(const void *at) { return ((uintptr_t)at >> 4) * 0x9E3779B97F4A7C15u & (slots - 1); }

static void insert(char *at, size_t size) {
    size_t place = place_of(at);
    while (table[place].at) place = (place + 1) & (slots - 1);
    table[place] = (struct given){at, size};
}

static void *remember(void *at, size_t size) {
    if (!at) return at;
    lock();
    if (2 * (used + 1) > slots) {
        struct given *before = table;
        size_t count = slots;
        slots = count ? 2 * count : 1024;
        table = __libc_calloc(slots, sizeof *table);
        if (!table) abort();
        for (size_t each = 0; each < count; each++) if (before[each].at) insert(before[each].at, before[each].size);
        __libc_free(before);
    }
    insert(at, size);
    used++;
    unlock();
    return at;
}

static void forget(const void *at) {
    lock();
    size_t place = slots ? place_of(at) : 0;
    while (slots && table[place].at && table[place].at != at) place = (place + 1) & (slots - 1);
    if (slots && table[place].at) {
        table[place].at = NULL;
        used--;
        for (size_t next = (place + 1) & (slots - 1); table[next].at; next = (next + 1) & (slots - 1)) {
            struct given moved = table[next];
            table[next].at = NULL;
            insert(moved.at, moved.size);
        }
    }
    unlock();
}

/* Returns how many bytes malloc has given out from here on, UNKNOWN if this is none of its blocks. */
size_t syncode_heap_size(const void *from) {
    const char *at = from;
    size_t size = UNKNOWN;
    lock();
    for (size_t place = slots ? place_of(at) : 0; slots && table[place].at; place = (place + 1) & (slots - 1))
        if (table[place].at == at) size = table[place].size;
    for (size_t each = 0; size == UNKNOWN && each < slots; each++)
        if (table[each].at && at > table[each].at && at < table[each].at + table[each].size) size = table[each].size - (size_t)(at - table[each].at);
    unlock();
    return size;
}

void *malloc(size_t size) { return remember(__libc_malloc(size), size); }
void *calloc(size_t count, size_t size) { return remember(__libc_calloc(count, size), count * size); }
void *memalign(size_t edge, size_t size) { return remember(__libc_memalign(edge, size), size); }
void *aligned_alloc(size_t edge, size_t size) { return memalign(edge, size); }
int posix_memalign(void **to, size_t edge, size_t size) { return (*to = memalign(edge, size)) ? 0 : ENOMEM; }
void free(void *at) {
    if (at && syncode_released(at)) return;
    if (at) forget(at);
    __libc_free(at);
}
void *realloc(void *at, size_t size) {
    if (at) syncode_released(at);
    if (at) forget(at);
    void *made = __libc_realloc(at, size);
    return made ? remember(made, size) : made;
}
