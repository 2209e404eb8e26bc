/* Pointers between the halves of a pair in C. The size of what malloc has given out is known (apart_heap.c); the half of the tests
   knows arrays from the text of the call, too. A block that crosses has a place in the list of the call, the same in both. */
#define _GNU_SOURCE
#include "apart_memory.h"
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { NOTHING, BLOCK, INSIDE, SAME, LOOSE, SLACK = 4096, FILL = 0xA5 };
#define UNKNOWN ((size_t)-1)
#define HANDLES ((uintptr_t)0x5C << 56) /* no address of a program begins like this */

void *__libc_malloc(size_t);
void *__libc_realloc(void *, size_t);
void __libc_free(void *);

/* The blocks of the call that is under way. */
static struct block {
    char *here, *was;
    size_t size;
    int way, loose;
} *blocks;
static size_t count, room;

static struct block *add(char *here, size_t size, int way, int loose) {
    if (count == room) blocks = __libc_realloc(blocks, (room = 2 * room + 16) * sizeof *blocks);
    if (!blocks) abort();
    blocks[count] = (struct block){here, NULL, size, way, loose};
    return &blocks[count++];
}

static int inside(syncode_message *to, const char *at) {
    for (size_t each = 0; each < count; each++) {
        const struct block *one = &blocks[each];
        if (at == one->here || (at > one->here && at < one->here + one->size)) {
            syncode_put_byte(to, INSIDE);
            syncode_put_count(to, each);
            syncode_put_count(to, (size_t)(at - one->here));
            return 1;
        }
    }
    return 0;
}

static size_t number(syncode_message *from) {
    size_t value;
    syncode_get(from, &value, sizeof value);
    return value;
}

static char *read_inside(syncode_message *from) {
    size_t place = number(from), offset = number(from);
    if (place >= count || offset > blocks[place].size) syncode_malformed();
    return blocks[place].here + offset;
}
