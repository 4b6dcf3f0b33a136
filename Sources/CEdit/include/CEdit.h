// A line editor with history and completion over libedit, whose own calls are variadic and so out of Swift's reach.
#pragma once
#include <stdint.h>

typedef struct lbx_editor lbx_editor;

// Candidates that may continue `line` (its text up to the cursor), one a line, in memory from malloc; NULL for none.
// `*word` becomes the number of bytes before the cursor that a candidate replaces.
typedef char *(*lbx_complete)(const char *line, int32_t *word, void *context);

enum lbx_line { LBX_LINE_TEXT = 0, LBX_LINE_END = 1, LBX_LINE_INTERRUPTED = 2 };

// Reads from the terminal. `history` is a file that need not be there; NULL for none. NULL when the terminal cannot be had.
lbx_editor *lbx_editor_open(const char *program, const char *history, lbx_complete complete, void *context);
// The next line without its newline, valid until the next call.
enum lbx_line lbx_editor_read(lbx_editor *editor, const char *prompt, const char **line);
void lbx_editor_remember(lbx_editor *editor, const char *text);
// Saves the history and gives the terminal back.
void lbx_editor_close(lbx_editor *editor);
