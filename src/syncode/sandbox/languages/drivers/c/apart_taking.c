/* The half of the answer: arguments are taken, what it has changed and its result go back. */
#ifndef SYNCODE_TESTS
#include "apart_blocks.h"
#include <elf.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

extern char __executable_start, end;

static char *copy(const char *text, size_t size, int loose) {
    char *made = malloc(size + (loose ? SLACK : 0) + !size);
    if (!made) abort();
    memcpy(made, text, size);
    if (loose) memset(made + size, FILL, SLACK);
    return made;
}

static char *duplicate(const char *text, size_t size) {
    char *made = __libc_malloc(size + 1);
    if (!made) abort();
    return memcpy(made, text, size);
}

void *syncode_take(syncode_message *from, int way) {
    size_t size, place;
    int kind = syncode_get_byte(from);
    if (kind == NOTHING) return NULL;
    if (kind == INSIDE) return read_inside(from);
    if (kind != BLOCK && kind != LOOSE) syncode_malformed();
    if (!(way & SYNCODE_ROWS)) {
        const char *text = syncode_get_text(from, &size);
        struct block *made = add(copy(text, size, kind == LOOSE), size, way, kind == LOOSE);
        if (!(way & SYNCODE_CONSTANT)) made->was = duplicate(text, size);
        return made->here;
    }
    size_t many = syncode_get_count(from);
    char **rows = malloc(many * sizeof *rows + !many);
    if (!rows) abort();
    place = count;
    add((char *)rows, many * sizeof *rows, way, 0);
    for (size_t each = 0; each < many; each++) rows[each] = syncode_take(from, way & ~SYNCODE_ROWS);
    if (!(way & SYNCODE_CONSTANT)) blocks[place].was = duplicate((char *)rows, many * sizeof *rows);
    return rows;
}

/* Returns how many bytes of a static variable begin here, UNKNOWN if there is none: the table of symbols says it. */
static size_t static_size(const char *at) {
    static const char *file;
    static size_t length;
    if (!file) {
        int opened = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
        struct stat about;
        if (opened < 0 || fstat(opened, &about) < 0) return UNKNOWN;
        length = (size_t)about.st_size;
        file = mmap(NULL, length, PROT_READ, MAP_PRIVATE, opened, 0);
        close(opened);
        if (file == MAP_FAILED) {
            file = NULL;
            return UNKNOWN;
        }
    }
    const Elf64_Ehdr *head = (const void *)file;
    if (head->e_ident[EI_CLASS] != ELFCLASS64 || head->e_shoff + head->e_shnum * sizeof(Elf64_Shdr) > length) return UNKNOWN;
    const Elf64_Shdr *sections = (const void *)(file + head->e_shoff);
    uintptr_t base = head->e_type == ET_DYN ? (uintptr_t)&__executable_start : 0;
    for (int each = 0; each < head->e_shnum; each++) {
        if (sections[each].sh_type != SHT_SYMTAB) continue;
        const Elf64_Sym *symbols = (const void *)(file + sections[each].sh_offset);
        for (size_t one = 0; one < sections[each].sh_size / sizeof *symbols; one++) {
            uintptr_t begin = base + symbols[one].st_value, size = symbols[one].st_size;
            if (ELF64_ST_TYPE(symbols[one].st_info) == STT_OBJECT && (uintptr_t)at >= begin && (uintptr_t)at < begin + size)
                return begin + size - (uintptr_t)at;
        }
    }
    return UNKNOWN;
}

void syncode_taken(syncode_message *from) { syncode_all_read(from); }

void syncode_return(syncode_message *to, const volatile void *from, int way) {
    const char *at = (const char *)from;
    if (!at) {
        syncode_put_byte(to, NOTHING);
        return;
    }
    if (inside(to, at)) return;
    size_t size = syncode_heap_size(at);
    int loose = size == UNKNOWN;
    if (size == UNKNOWN && way & SYNCODE_TEXT && !(way & SYNCODE_ROWS)) {
        if (access(at, F_OK) < 0 && errno == EFAULT) syncode_inseparable("a pointer to nothing is returned");
        size = strlen(at) + 1;
    }
    if (size == UNKNOWN) size = static_size(at);
    if (size == UNKNOWN) syncode_inseparable("the answer returns an array whose length is not known");
    syncode_put_byte(to, loose ? LOOSE : BLOCK);
    if (!(way & SYNCODE_ROWS)) {
        syncode_put_text(to, at, size);
        return;
    }
    syncode_put_count(to, size / sizeof(char *));
    for (size_t each = 0; each < size / sizeof(char *); each++) {
        const char *row = ((const char **)at)[each];
        int own = row >= &__executable_start && row < &end && way & SYNCODE_TEXT; /* a literal, not what is left of another block */
        syncode_return(to, own || syncode_heap_size(row) != UNKNOWN ? row : NULL, way & ~SYNCODE_ROWS);
    }
}

static void changed(syncode_message *to, struct block one) {
    for (size_t each = 0; one.loose && each < SLACK; each++)
        if ((unsigned char)one.here[one.size + each] != FILL) syncode_inseparable("the answer writes behind a text of unknown room");
    if (one.way & SYNCODE_ROWS) {
        for (size_t each = 0; each < one.size / sizeof(char *); each++) {
            const char *row = ((char **)one.here)[each];
            if (row == ((char **)one.was)[each])
                syncode_put_byte(to, SAME);
            else
                syncode_return(to, row, one.way & ~SYNCODE_ROWS);
        }
    } else if (memcmp(one.here, one.was, one.size)) {
        syncode_put_byte(to, 1);
        syncode_put_text(to, one.here, one.size);
    } else {
        syncode_put_byte(to, 0);
    }
}

/* Blocks of earlier calls: the answer may hold on to one. If it writes to it, the tests would have to see that. */
enum { KEPT = 256, LARGE = 1 << 20 };
static struct block earlier[KEPT];
static size_t next_earlier;

static void keep(struct block one) {
    struct block *old = &earlier[next_earlier++ % KEPT];
    __libc_free(old->was);
    *old = (struct block){0};
    if (one.size > LARGE && !(one.way & SYNCODE_ROWS)) { /* too much to hold on to */
        free(one.here);
        __libc_free(one.was);
    } else if (one.was) {
        memcpy(one.was, one.here, one.size);
        *old = one;
    }
}

void syncode_changed(syncode_message *to) {
    for (size_t each = 0; each < KEPT; each++) {
        const struct block *one = &earlier[each];
        if (one->was && syncode_heap_size(one->here) != UNKNOWN && memcmp(one->here, one->was, one->size))
            syncode_inseparable("the answer changes what an earlier call has handed over");
    }
    for (size_t each = 0; each < count; each++) {
        size_t size = blocks[each].size;
        if (syncode_heap_size(blocks[each].here) != size + (blocks[each].loose ? SLACK : 0) + !size)
            syncode_inseparable("the answer frees what the tests hand over");
    }
    syncode_put_byte(to, 'R');
    for (size_t each = 0; each < count; each++)
        if (!(blocks[each].way & SYNCODE_CONSTANT)) changed(to, blocks[each]);
}

static void finish(void) {
    for (size_t each = 0; each < count; each++) keep(blocks[each]);
    count = 0;
}

static const volatile void **handles;
static size_t handle_count;

void syncode_return_handle(syncode_message *to, const volatile void *at) {
    size_t place = 0;
    while (at && place < handle_count && handles[place] != at) place++;
    if (at && place == handle_count) {
        handles = __libc_realloc(handles, (place + 1) * sizeof *handles);
        if (!handles) abort();
        handles[handle_count++] = at;
    }
    syncode_put_count(to, at ? place + 1 : 0);
}

void *syncode_take_handle(syncode_message *from) {
    size_t place = number(from);
    if (place > handle_count || (place && !handles[place - 1])) syncode_malformed();
    return place ? (void *)handles[place - 1] : NULL;
}

int syncode_released(void *at) {
    (void)at;
    return 0;
}

/* What stands for a function is one for each parameter: it may be called only while its own call is under way. */
static struct { size_t *place, before; } under_way[64];
static int ways;

void *syncode_take_callback(syncode_message *from, size_t *place, void *one) {
    if (!syncode_get_truth(from)) return NULL;
    if (ways == 64) syncode_inseparable("functions are handed over in too many calls");
    under_way[ways].place = place;
    under_way[ways++].before = *place;
    *place = number(from);
    return one;
}

void syncode_back(syncode_message *to, size_t place) {
    if (place == UNKNOWN) syncode_inseparable("the answer calls a function of the tests after the call that has handed it over");
    syncode_put_byte(to, 'B');
    syncode_put_count(to, place);
}

/* Serves one message of the tests; returns 0 if it is the reply to a call back. */
static int serve(syncode_message *in) {
    syncode_message out = {0};
    int kind = syncode_get_byte(in);
    if (kind == 'R') return 0;
    if (kind == 'D') {
        size_t place = number(in);
        if (!place || place > handle_count) syncode_malformed();
        free((void *)handles[place - 1]);
        handles[place - 1] = NULL;
    } else if (kind == 'C') {
        struct block *kept = blocks;
        size_t kept_count = count, kept_room = room, place = number(in);
        int kept_ways = ways;
        blocks = NULL;
        count = room = 0;
        syncode_dispatch(place, in, &out);
        syncode_send(&out);
        finish();
        __libc_free(blocks);
        blocks = kept;
        count = kept_count;
        room = kept_room;
        while (ways > kept_ways) {
            ways--;
            *under_way[ways].place = under_way[ways].before;
        }
    } else {
        syncode_malformed();
    }
    syncode_drop(in);
    return 1;
}

void syncode_back_ask(syncode_message *message) {
    syncode_message in;
    syncode_send(message);
    do {
        if (!syncode_receive(&in)) exit(0);
    } while (serve(&in));
    *message = in;
}

int main(void) {
    syncode_message in;
    while (syncode_receive(&in))
        if (!serve(&in)) syncode_malformed();
    exit(0);
}
#endif
