// Segments, endings and a pattern as one automaton over a number's digits, determinised as far as it is walked.
// Symbols 0..9 are national digits, 10..19 those of the calling code, which only an international pattern reads.
#pragma once
#include "chunk.h"

#define SEGMENTS 8
#define LONGEST 8
#define SYMBOLS 20
#define ONE 10   // token `?`
#define RUN 11   // token `*`

typedef struct {
    int32_t segments, in_order, ends, tokens, national;
    uint8_t length[SEGMENTS], digit[SEGMENTS][LONGEST], end[LONGEST], token[32];
} spec;

typedef struct {
    uint64_t parts;    // how far each segment is, 4 bits each (in order: one chain, 8 bits), and the ending from bit 32
    uint64_t pattern;  // the pattern's positions that are possible
} state;

typedef struct {
    spec s;
    uint8_t segment[SEGMENTS][LONGEST + 1][10], ending[LONGEST + 1][10];
    uint8_t chain[SEGMENTS * LONGEST + 1][10];
    int chain_end;
    uint64_t reads[10], stars, complete_parts, complete_pattern;
    int32_t states, room, slots, *slot, (*next)[SYMBOLS], *mask_of, masks, mask_room;
    uint8_t *accepts, *known, *alive;  // known, alive: a bit for each number of further digits
    state *at;
    words *mask;
} automaton;

#define UNKNOWN (-1)
#define EMPTY (-2)

// Knuth, Morris and Pratt's table; what was found stays found if `stays`.
static void build_table(const uint8_t *digit, int length, int stays, uint8_t table[][10]) {
    int restart = 0;
    for (int k = 0; k < length; k++) {
        for (int d = 0; d < 10; d++) table[k][d] = k ? table[restart][d] : 0;
        table[k][digit[k]] = k + 1;
        if (k) restart = table[restart][digit[k]];
    }
    for (int d = 0; d < 10; d++) table[length][d] = stays ? length : table[restart][d];
}

static void build_chain(automaton *a) {
    int base = 0;
    for (int i = 0; i < a->s.segments; base += a->s.length[i++])
        for (int k = 0; k < a->s.length[i]; k++)
            for (int d = 0; d < 10; d++) a->chain[base + k][d] = base + a->segment[i][k][d];
    for (int d = 0; d < 10; d++) a->chain[base][d] = base;
    a->chain_end = base;
}

static inline uint64_t with_stars(const automaton *a, uint64_t positions) { return positions | (positions & a->stars) << 1; }

static int32_t state_of(automaton *a, state wanted) {
    uint64_t hash = (wanted.parts ^ wanted.pattern * 0x9E3779B97F4A7C15ull) * 0xBF58476D1CE4E5B9ull;
    uint32_t at = (hash >> 32) & (a->slots - 1);
    for (; a->slot[at] >= 0; at = (at + 1) & (a->slots - 1)) {
        state *there = &a->at[a->slot[at]];
        if (there->parts == wanted.parts && there->pattern == wanted.pattern) return a->slot[at];
    }
    if (a->states == a->room) {
        a->room *= 2, a->slots *= 2;
        a->at = realloc(a->at, a->room * sizeof *a->at);
        a->next = realloc(a->next, a->room * sizeof *a->next);
        a->mask_of = realloc(a->mask_of, a->room * sizeof *a->mask_of);
        a->accepts = realloc(a->accepts, a->room);
        a->known = realloc(a->known, a->room);
        a->alive = realloc(a->alive, a->room);
        a->slot = realloc(a->slot, a->slots * sizeof *a->slot);
        memset(a->slot, -1, a->slots * sizeof *a->slot);
        int32_t known = a->states;
        for (a->states = 0; a->states < known; a->states++) {
            state s = a->at[a->states];
            uint64_t h = (s.parts ^ s.pattern * 0x9E3779B97F4A7C15ull) * 0xBF58476D1CE4E5B9ull;
            uint32_t i = (h >> 32) & (a->slots - 1);
            while (a->slot[i] >= 0) i = (i + 1) & (a->slots - 1);
            a->slot[i] = a->states;
        }
        return state_of(a, wanted);
    }
    int32_t id = a->slot[at] = a->states++;
    a->at[id] = wanted;
    memset(a->next[id], -1, sizeof a->next[id]);
    a->mask_of[id] = UNKNOWN;
    a->known[id] = a->alive[id] = 0;
    a->accepts[id] = wanted.parts == a->complete_parts
        && (!a->s.tokens || (wanted.pattern & a->complete_pattern));
    return id;
}

static int32_t grow(automaton *a, int32_t from, int symbol) {
    state s = a->at[from];
    int digit = symbol % 10, national = symbol < 10;
    if (national) {
        uint64_t parts = (uint64_t)a->ending[s.parts >> 32][digit] << 32;
        if (a->s.in_order) parts |= a->chain[s.parts & 0xff][digit];
        else
            for (int i = 0; i < a->s.segments; i++)
                parts |= (uint64_t)a->segment[i][s.parts >> 4 * i & 15][digit] << 4 * i;
        s.parts = parts;
    }
    if (a->s.tokens && (national || !a->s.national))
        s.pattern = with_stars(a, (s.pattern & a->reads[digit]) << 1 | (s.pattern & a->stars));
    int32_t to = state_of(a, s);
    return a->next[from][symbol] = to;
}

static inline int32_t step(automaton *a, int32_t from, int symbol) {
    int32_t to = a->next[from][symbol];
    return to >= 0 ? to : grow(a, from, symbol);
}

// The endings of three digits that complete a number from this state; NULL if there are none.
static const uint64_t *mask_of(automaton *a, int32_t from) {
    if (a->mask_of[from] == UNKNOWN) {
        words w = {0};
        int any = 0;
        for (int i = 0; i < SPAN; i += 100) {
            int32_t one = step(a, from, i / 100);
            for (int j = 0; j < 100; j += 10) {
                int32_t two = step(a, one, j / 10);
                for (int k = 0; k < 10; k++)
                    if (a->accepts[step(a, two, k)]) any = 1, w[(i + j + k) >> 6] |= 1ull << ((i + j + k) & 63);
            }
        }
        if (any && a->masks == a->mask_room) a->mask = realloc(a->mask, (a->mask_room *= 2) * sizeof(words));
        if (any) memcpy(a->mask[a->masks], w, sizeof w);
        a->mask_of[from] = any ? a->masks++ : EMPTY;
    }
    return a->mask_of[from] == EMPTY ? NULL : a->mask[a->mask_of[from]];
}

// Whether any `digits` digits complete a number from this state.
static int completes(automaton *a, int32_t from, int digits) {
    if (digits == 3) return mask_of(a, from) != NULL;
    if (!(a->known[from] >> digits & 1)) {
        int any = 0;
        for (int d = 0; d < 10 && !any; d++) any = completes(a, step(a, from, d), digits - 1);
        a->known[from] |= 1 << digits;
        a->alive[from] |= any << digits;
    }
    return a->alive[from] >> digits & 1;
}

static automaton *automaton_new(const spec *s) {
    automaton *a = calloc(1, sizeof *a);
    a->s = *s;
    for (int i = 0; i < s->segments; i++) {
        build_table(s->digit[i], s->length[i], 1, a->segment[i]);
        if (!s->in_order) a->complete_parts |= (uint64_t)s->length[i] << 4 * i;
    }
    if (s->in_order) build_chain(a), a->complete_parts = a->chain_end;
    build_table(s->end, s->ends, 0, a->ending);
    a->complete_parts |= (uint64_t)s->ends << 32;
    for (int i = 0; i < s->tokens; i++) {
        if (s->token[i] == RUN) a->stars |= 1ull << i;
        for (int d = 0; d < 10; d++)
            if (s->token[i] == d || s->token[i] == ONE) a->reads[d] |= 1ull << i;
    }
    a->complete_pattern = 1ull << s->tokens;
    a->room = 128, a->slots = 512, a->mask_room = 16;
    a->at = malloc(a->room * sizeof *a->at);
    a->next = malloc(a->room * sizeof *a->next);
    a->mask_of = malloc(a->room * sizeof *a->mask_of);
    a->accepts = malloc(a->room), a->known = malloc(a->room), a->alive = malloc(a->room);
    a->slot = malloc(a->slots * sizeof *a->slot);
    memset(a->slot, -1, a->slots * sizeof *a->slot);
    a->mask = malloc(a->mask_room * sizeof(words));
    state_of(a, (state){0, s->tokens ? with_stars(a, 1) : 0});
    return a;
}

static void automaton_free(automaton *a) {
    if (!a) return;
    free(a->at), free(a->next), free(a->mask_of), free(a->accepts), free(a->known), free(a->alive), free(a->slot), free(a->mask), free(a);
}

typedef struct {  // where the walk over the sorted chunks is: chunks that follow each other share their first digits
    int64_t key;
    int depth, skip;
    int32_t at[20];
} walk;

static int32_t walk_to(automaton *a, walk *w, int64_t key, int skip) {
    if (key / 10 == w->key / 10 && skip == w->skip && w->depth > skip) {
        w->key = key;
        return w->at[w->depth] = step(a, w->at[w->depth - 1], key % 10);
    }
    int64_t mine = key, theirs = w->key;
    int digits = 0, depth = 0;
    for (int64_t k = key; k; k /= 10) depth++;
    if (depth != w->depth || skip != w->skip) theirs = 0;
    for (; mine != theirs; mine /= 10, theirs /= 10) digits++;
    if (digits > depth) digits = depth;
    if (theirs == 0) digits = depth;
    int64_t power = 1;
    for (int i = 1; i < digits; i++) power *= 10;
    for (int i = depth - digits; i < depth; i++, power /= 10)
        w->at[i + 1] = step(a, w->at[i], key / power % 10 + (i < skip ? 10 : 0));
    w->key = key, w->depth = depth, w->skip = skip;
    return w->at[depth];
}

// No number of the chunks from where the walk is up to this key completes the digits: none of that chunk does, and
// perhaps none of the ten, hundred, ... chunks that it belongs to.
static int64_t dead_until(automaton *a, const walk *w) {
    int64_t chunks = 1;
    for (int digits = 4; digits < 8 && w->depth - (digits - 3) >= w->skip; digits++, chunks *= 10)
        if (completes(a, w->at[w->depth - (digits - 3)], digits)) break;
    return (w->key / chunks + 1) * chunks;
}
