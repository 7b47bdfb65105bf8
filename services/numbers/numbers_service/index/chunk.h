// A chunk: 1,000 numbers that share all digits but the last three. What is kept of it, and how it is summed up.
#pragma once
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define PUBLIC __attribute__((visibility("default")))
#define SPAN 1000
#define WORDS 16
#define GRADES 5
#define GROUP 64
#define ANY 31
#define OVERRIDDEN 0x80  // in `skip`: some number of the chunk has an override

typedef uint64_t words[WORDS];
typedef struct {
    uint16_t grade[GRADES], longest, leading, trailing;
} summary;
typedef struct {  // a pool's chunks, by key ascending; 153 bytes each
    int64_t rows;
    int64_t *key;    // number / 1000
    uint8_t *skip;   // digits of the calling code, and OVERRIDDEN
    words *bits;     // which numbers are free
    summary *sums;   // free numbers by grade, and runs
    uint32_t (*groups)[GRADES];  // free numbers by grade of 64 chunks
} shelf;
typedef struct {
    const words (*mask)[SPAN];  // by grade and key % 1000: the endings that have the grade
    const uint8_t *rule;        // by number % 1,000,000
    const uint8_t *grade_of;    // by rule
    int64_t overrides;
    const int64_t *number;      // ascending
    const uint16_t *over_rule;
} grading;

static inline int bit(const uint64_t *w, int at) { return w[at >> 6] >> (at & 63) & 1; }

static inline int64_t lower(const int64_t *a, int64_t n, int64_t wanted) {
    int64_t at = 0;
    while (n > 0) {
        int64_t half = n >> 1;
        if (a[at + half] < wanted) at += half + 1, n -= half + 1;
        else n = half;
    }
    return at;
}

// The rows with numbers of a range.
static void rows_of(const shelf *s, const int64_t *range, int64_t *from, int64_t *to) {
    *from = lower(s->key, s->rows, range[0] / SPAN);
    *to = *from + lower(s->key + *from, s->rows - *from, range[1] / SPAN + 1);
}

static inline int count(const uint64_t *w) {
    int n = 0;
    for (int i = 0; i < WORDS; i++) n += __builtin_popcountll(w[i]);
    return n;
}

static inline int count_both(const uint64_t *w, const uint64_t *v) {
    int n = 0;
    for (int i = 0; i < WORDS; i++) n += __builtin_popcountll(w[i] & v[i]);
    return n;
}

// Where the next bit of this value is, from `at` on; SPAN if there is none.
static inline int next_bit(const uint64_t *w, int at, int value) {
    uint64_t flip = value ? 0 : ~0ull;
    for (int i = at >> 6; i < WORDS; i++) {
        uint64_t x = w[i] ^ flip;
        if (i == at >> 6) x &= ~0ull << (at & 63);
        if (x) {
            int found = i * 64 + __builtin_ctzll(x);
            return found < SPAN ? found : SPAN;
        }
    }
    return SPAN;
}

// Whether so many bits in a row are set somewhere: each round, a bit stands for a run that is up to twice as long.
static int has_run(const uint64_t *w, int64_t want) {
    words runs;
    memcpy(runs, w, sizeof runs);
    for (int64_t length = 1, by; length < want; length += by) {
        by = want - length < length ? want - length : length;
        by = by < 63 ? by : 63;
        uint64_t any = 0;
        for (int i = 0; i < WORDS; i++) any |= runs[i] &= runs[i] >> by | (i + 1 < WORDS ? runs[i + 1] << (64 - by) : 0);
        if (!any) return 0;
    }
    return 1;
}

// How many bits are set before the end of a chunk without one between that is not.
static inline int run_at_end(const uint64_t *w) {
    int n = 0;
    while (n < SPAN && bit(w, SPAN - 1 - n)) n++;
    return n;
}

// Keep only the bits from..to of a chunk.
static inline void clip(uint64_t *w, int from, int to) {
    for (int i = 0; i < WORDS; i++) {
        int lo = from - i * 64, hi = to - i * 64;
        if (lo > 63 || hi < 0) w[i] = 0;
        else {
            if (lo > 0) w[i] &= ~0ull << lo;
            if (hi < 63) w[i] &= (2ull << hi) - 1;
        }
    }
}

static inline int grade_by_rule(const grading *g, int64_t number) { return g->grade_of[g->rule[number % 1000000]]; }

// Numbers by grade among those of a chunk whose bits are set, added to `counts`.
static void count_grades(const grading *g, int64_t key, uint8_t skip, const uint64_t *w, int all, int64_t *counts) {
    int rest = all;
    for (int grade = 0; grade < GRADES - 1; grade++) {
        int n = count_both(w, g->mask[grade][key % SPAN]);
        counts[grade] += n;
        rest -= n;
    }
    counts[GRADES - 1] += rest;
    if (skip & OVERRIDDEN)
        for (int64_t i = lower(g->number, g->overrides, key * SPAN); i < g->overrides && g->number[i] / SPAN == key; i++)
            if (bit(w, g->number[i] % SPAN)) {
                counts[grade_by_rule(g, g->number[i])]--;
                counts[g->grade_of[g->over_rule[i]]]++;
            }
}

// The endings of a chunk whose grade is one of `set`.
static void grade_words(const grading *g, int64_t key, uint8_t skip, int set, uint64_t *w) {
    memset(w, 0, sizeof(words));
    for (int grade = 0; grade < GRADES; grade++)
        if (set >> grade & 1)
            for (int i = 0; i < WORDS; i++) w[i] |= g->mask[grade][key % SPAN][i];
    if (skip & OVERRIDDEN)
        for (int64_t i = lower(g->number, g->overrides, key * SPAN); i < g->overrides && g->number[i] / SPAN == key; i++) {
            int at = g->number[i] % SPAN;
            uint64_t one = 1ull << (at & 63);
            if (set >> g->grade_of[g->over_rule[i]] & 1) w[at >> 6] |= one;
            else w[at >> 6] &= ~one;
        }
}

static uint16_t rule_of(const grading *g, int64_t number, uint8_t skip) {
    if (skip & OVERRIDDEN) {
        int64_t i = lower(g->number, g->overrides, number);
        if (i < g->overrides && g->number[i] == number) return g->over_rule[i];
    }
    return g->rule[number % 1000000];
}

static void sum_runs(const uint64_t *w, summary *s) {
    s->longest = s->leading = s->trailing = 0;
    for (int from = next_bit(w, 0, 1); from < SPAN;) {
        int to = next_bit(w, from, 0), length = to - from;
        if (length > s->longest) s->longest = length;
        if (from == 0) s->leading = length;
        if (to == SPAN) s->trailing = length;
        from = next_bit(w, to, 1);
    }
}

static void sum_grades(const grading *g, const shelf *s, int64_t row) {
    int64_t counts[GRADES] = {0}, key = s->key[row];
    int64_t i = lower(g->number, g->overrides, key * SPAN);
    int overridden = i < g->overrides && g->number[i] / SPAN == key;
    s->skip[row] = (s->skip[row] & ~OVERRIDDEN) | (overridden ? OVERRIDDEN : 0);
    count_grades(g, key, s->skip[row], s->bits[row], count(s->bits[row]), counts);
    for (int grade = 0; grade < GRADES; grade++) s->sums[row].grade[grade] = counts[grade];
}

static void sum_group(const shelf *s, int64_t group) {
    memset(s->groups[group], 0, sizeof(s->groups[group]));
    for (int64_t row = group * GROUP; row < s->rows && row < (group + 1) * GROUP; row++)
        for (int grade = 0; grade < GRADES; grade++) s->groups[group][grade] += s->sums[row].grade[grade];
}
