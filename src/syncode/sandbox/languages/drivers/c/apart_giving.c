/* The half of the tests: arguments are given, what was changed and the result are read. */
#ifdef SYNCODE_TESTS
#include "apart_blocks.h"

static struct { const volatile void *at; size_t size; } known[64];
static int knowing;

void *syncode_known(const volatile void *at, size_t size) {
    if (size != UNKNOWN && knowing < 64) {
        known[knowing].at = at;
        known[knowing++].size = size;
    }
    return (void *)at;
}

void syncode_begin(syncode_message *to, size_t place) {
    count = 0;
    syncode_put_byte(to, 'C');
    syncode_put_count(to, place);
}

static size_t extent(const char *at, size_t element, int way, size_t many, int *loose) {
    size_t size = syncode_heap_size(at);
    for (int each = 0; size == UNKNOWN && each < knowing; each++)
        if (known[each].at == at) size = known[each].size;
    if (size == UNKNOWN && way & SYNCODE_TEXT && !(way & SYNCODE_ROWS)) {
        *loose = 1;
        if (access(at, F_OK) < 0 && errno == EFAULT) syncode_inseparable("the tests hand over a pointer to nothing");
        return strlen(at) + 1;
    }
    if (size == UNKNOWN && many != UNKNOWN && many < (1u << 26)) return many * element;
    if (size == UNKNOWN) syncode_inseparable("the tests hand over an array whose length is not known");
    return size;
}

void syncode_give(syncode_message *to, const volatile void *from, size_t element, int way, size_t many) {
    char *at = (char *)from;
    if (!at) {
        syncode_put_byte(to, NOTHING);
        return;
    }
    if (inside(to, at)) return;
    int loose = 0;
    size_t size = extent(at, way & SYNCODE_ROWS ? sizeof(char *) : element, way, many, &loose);
    for (size_t each = 0; each < count; each++)
        if (at < blocks[each].here && at + size > blocks[each].here) syncode_inseparable("two arguments overlap");
    add(at, size, way, loose);
    syncode_put_byte(to, loose ? LOOSE : BLOCK);
    if (!(way & SYNCODE_ROWS)) {
        syncode_put_text(to, at, size);
        return;
    }
    syncode_put_count(to, size / sizeof(char *));
    for (size_t each = 0; each < size / sizeof(char *); each++) {
        char *row = ((char **)at)[each];
        int bad = row && access(row, F_OK) < 0 && errno == EFAULT;
        syncode_give(to, bad ? NULL : row, element, way & ~SYNCODE_ROWS, UNKNOWN);
    }
}

/* Copies of what the answer has returned, and what was in them: if it keeps objects, these may be parts of one. */
static struct { char *at, *was; size_t size; } returned[64];
static size_t next_returned;
static int keeps_objects;

static void no_longer_returned(const void *at) {
    for (size_t each = 0; at && each < 64; each++)
        if (returned[each].at == at) returned[each].at = NULL;
}

static void note(char *at, size_t size) {
    size_t place = next_returned++ % 64;
    __libc_free(returned[place].was);
    returned[place].at = at;
    returned[place].size = size;
    returned[place].was = __libc_malloc(size + 1);
    if (returned[place].was) memcpy(returned[place].was, at, size);
}

static void look_at_returned(int after) {
    for (size_t each = 0; keeps_objects && each < 64; each++) {
        char *at = returned[each].at, *was = returned[each].was;
        if (!at || !was) continue;
        if (after)
            memcpy(was, at, returned[each].size);
        else if (memcmp(at, was, returned[each].size))
            syncode_inseparable("the tests change what the answer has returned");
    }
}

static void *new_value(syncode_message *from, int way) {
    size_t size;
    if (way & SYNCODE_ROWS) {
        size_t many = syncode_get_count(from);
        char **made = malloc(many * sizeof *made + !many);
        if (!made) abort();
        for (size_t each = 0; each < many; each++) made[each] = syncode_result(from, way & ~SYNCODE_ROWS);
        return made;
    }
    const char *text = syncode_get_text(from, &size);
    char *made = malloc(size + !size);
    if (!made) abort();
    memcpy(made, text, size);
    if (!(way & SYNCODE_CONSTANT) && size && size < 1 << 16) note(made, size);
    return made;
}

void *syncode_result(syncode_message *from, int way) {
    switch (syncode_get_byte(from)) {
        case NOTHING: return NULL;
        case INSIDE: return read_inside(from);
        case LOOSE: keeps_objects = 1; return new_value(from, way); /* of a variable of the answer */
        case BLOCK: return new_value(from, way);
        default: syncode_malformed();
    }
}

static void apply(syncode_message *from, size_t each) {
    struct block one = blocks[each];
    if (one.way & SYNCODE_ROWS) {
        for (size_t row = 0; row < one.size / sizeof(char *); row++) {
            if (from->at < from->size && from->data[from->at] == SAME) {
                from->at++;
                continue;
            }
            ((char **)one.here)[row] = syncode_result(from, one.way & ~SYNCODE_ROWS);
        }
    } else if (syncode_get_truth(from)) {
        size_t size;
        const char *text = syncode_get_text(from, &size);
        if (size != one.size) syncode_malformed();
        if (memcmp(one.here, text, size)) memcpy(one.here, text, size);
    }
}

static struct { void *function; syncode_caller *caller; } *handed;
static size_t handed_count;

void syncode_give_callback(syncode_message *to, void *function, syncode_caller *caller) {
    syncode_put_byte(to, function != NULL);
    if (!function) return;
    size_t place = 0;
    while (place < handed_count && (handed[place].function != function || handed[place].caller != caller)) place++;
    if (place == handed_count) {
        handed = __libc_realloc(handed, (place + 1) * sizeof *handed);
        if (!handed) abort();
        handed[handed_count].function = function;
        handed[handed_count++].caller = caller;
    }
    syncode_put_count(to, place);
}

/* The answer calls a function of the tests, which may call one of the answer. */
static void serve(syncode_message *in) {
    syncode_message out = {0};
    struct block *kept = blocks;
    size_t kept_count = count, kept_room = room, place = number(in);
    if (place >= handed_count) syncode_malformed();
    blocks = NULL;
    count = room = 0;
    handed[place].caller(handed[place].function, in, &out);
    syncode_drop(in);
    __libc_free(blocks);
    blocks = kept;
    count = kept_count;
    room = kept_room;
    syncode_message reply = {0};
    syncode_put_byte(&reply, 'R');
    syncode_put(&reply, out.data, out.size);
    syncode_drop(&out);
    syncode_send(&reply);
}

void syncode_ask(syncode_message *message) {
    size_t sent = count;
    int kind;
    knowing = 0;
    look_at_returned(0);
    syncode_send(message);
    for (;;) {
        if (!syncode_receive(message)) _exit(106);
        kind = syncode_get_byte(message);
        if (kind != 'B') break;
        serve(message);
    }
    switch (kind) {
        case 'I': {
            char why[300] = "";
            memcpy(why, message->data + 1, message->size - 1 < 299 ? message->size - 1 : 299);
            syncode_inseparable(why);
        }
        case 'R': break;
        default: syncode_malformed();
    }
    for (size_t each = 0; each < sent; each++)
        if (!(blocks[each].way & SYNCODE_CONSTANT)) apply(message, each);
    look_at_returned(1);
}

void syncode_done(syncode_message *message) {
    syncode_all_read(message);
    syncode_drop(message);
}

void syncode_give_handle(syncode_message *to, const volatile void *at) {
    if (at && (uintptr_t)at >> 56 != HANDLES >> 56) syncode_inseparable("the tests hand over an object that the answer has not made");
    syncode_put_count(to, at ? (uintptr_t)at & ~HANDLES : 0);
}

void *syncode_result_handle(syncode_message *from) {
    size_t place = number(from);
    if (place >> 56) syncode_malformed();
    keeps_objects = 1;
    return place ? (void *)(HANDLES | place) : NULL;
}

/* A block is given back by the tests: an object of the answer is given back there. */
int syncode_released(void *at) {
    syncode_message out = {0};
    no_longer_returned(at);
    if ((uintptr_t)at >> 56 != HANDLES >> 56) return 0;
    syncode_put_byte(&out, 'D');
    syncode_put_count(&out, (uintptr_t)at & ~HANDLES);
    syncode_later(&out);
    return 1;
}
#endif
