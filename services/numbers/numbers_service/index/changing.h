// What changes a shelf: numbers that become free or not, grades, and the sums that follow.
#pragma once
#include "chunk.h"

// Grade all rows again; their runs stay.
PUBLIC void kernel_sum(const grading *g, const shelf *s) {
    for (int64_t row = 0; row < s->rows; row++) sum_grades(g, s, row);
    for (int64_t group = 0; group * GROUP < s->rows; group++) sum_group(s, group);
}

// A row has changed: its sums, and its group's by the difference.
static void change_row(const grading *g, const shelf *s, int64_t row) {
    summary before = s->sums[row];
    sum_grades(g, s, row);
    sum_runs(s->bits[row], &s->sums[row]);
    for (int grade = 0; grade < GRADES; grade++)
        s->groups[row / GROUP][grade] += s->sums[row].grade[grade] - before.grade[grade];
}

// The groups from the one that row `from` is in, from their rows' sums.
PUBLIC void kernel_groups(const shelf *s, int64_t from) {
    for (int64_t group = from / GROUP; group * GROUP < s->rows; group++) sum_group(s, group);
}

// The chunks of first..last are graded again.
PUBLIC void kernel_regrade(const grading *g, const shelf *s, int64_t first, int64_t last) {
    int64_t range[2] = {first, last}, row, end;
    for (rows_of(s, range, &row, &end); row < end; row++) change_row(g, s, row);
}

// Ranges of numbers become free or not, where the shelf has their chunks; in how many chunks, counted for each range.
// Ascending ranges have each chunk summed up once.
PUBLIC int64_t kernel_set(const grading *g, const shelf *s, int64_t ranges, const int64_t (*range)[2], int64_t is_free) {
    int64_t changed = -1, n = 0, row, end;
    for (int64_t i = 0; i < ranges; i++)
        for (rows_of(s, range[i], &row, &end); row < end; row++, n++) {
            int64_t first = range[i][0] - s->key[row] * SPAN, last = range[i][1] - s->key[row] * SPAN;
            words w;
            memset(w, 0xff, sizeof w);
            clip(w, first > 0 ? first : 0, last < SPAN ? last : SPAN - 1);
            for (int j = 0; j < WORDS; j++) s->bits[row][j] = is_free ? s->bits[row][j] | w[j] : s->bits[row][j] & ~w[j];
            if (changed >= 0 && changed != row) change_row(g, s, changed);
            changed = row;
        }
    if (changed >= 0) change_row(g, s, changed);
    return n;
}

// Numbers first.. become free or not as the `size` bits say (the lowest bit of a byte first).
PUBLIC void kernel_load(const grading *g, const shelf *s, int64_t first, int64_t size, const uint8_t *bits) {
    int64_t range[2] = {first, first + size - 1}, row, end;
    for (rows_of(s, range, &row, &end); row < end; row++) {
        int64_t base = s->key[row] * SPAN;
        int from = base < first ? first - base : 0, to = base + SPAN > first + size ? first + size - base : SPAN;
        for (int at = from; at < to; at++) {
            int64_t i = base + at - first;
            uint64_t one = 1ull << (at & 63);
            if (!(at & 7) && !(i & 7) && at + 8 <= to) {
                ((uint8_t *)s->bits[row])[at >> 3] = bits[i >> 3];
                at += 7;
            } else if (bits[i >> 3] >> (i & 7) & 1) s->bits[row][at >> 6] |= one;
            else s->bits[row][at >> 6] &= ~one;
        }
        change_row(g, s, row);
    }
}

// The other way: the bits of first.. in a buffer that is zero; how many are free.
PUBLIC int64_t kernel_save(const shelf *s, int64_t first, int64_t size, uint8_t *bits) {
    int64_t range[2] = {first, first + size - 1}, row, end, n = 0;
    for (rows_of(s, range, &row, &end); row < end; row++) {
        int64_t base = s->key[row] * SPAN;
        int from = base < first ? first - base : 0, to = base + SPAN > first + size ? first + size - base : SPAN;
        for (int at = next_bit(s->bits[row], from, 1); at < to; at = next_bit(s->bits[row], at + 1, 1)) {
            int64_t i = base + at - first;
            bits[i >> 3] |= 1 << (i & 7);
            n++;
        }
    }
    return n;
}
