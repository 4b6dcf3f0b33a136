#include "CEdit.h"

#include <histedit.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HISTORY_LINES_MAX = 2000 };

struct lbx_editor {
  EditLine *edit;
  History *history;
  HistEvent event;
  char *path;
  char *prompt;
  char *line;
  int interrupted;
  lbx_complete complete;
  void *context;
};

static lbx_editor *of(EditLine *edit) {
  void *data = NULL;
  el_get(edit, EL_CLIENTDATA, &data);
  return data;
}

static char *prompt(EditLine *edit) { return of(edit)->prompt; }

static unsigned char interrupt(EditLine *edit, int key) {
  (void)key;
  of(edit)->interrupted = 1;
  fputs("^C\n", stdout);
  return CC_EOF;
}

// Bytes that the first candidate shares with all the others.
static size_t shared(char *const *candidates, size_t count) {
  size_t length = strlen(candidates[0]);
  for (size_t i = 1; i < count; i++) {
    size_t same = 0;
    while (same < length && candidates[i][same] == candidates[0][same]) same++;
    length = same;
  }
  return length;
}

static void list(char *const *candidates, size_t count) {
  fputc('\n', stdout);
  for (size_t i = 0; i < count && i < 60; i++) printf("%s%s", candidates[i], (i + 1) % 4 == 0 ? "\n" : "   ");
  fputs(count > 60 ? "..\n" : "\n", stdout);
}

static unsigned char apply(EditLine *edit, char *text, int32_t word) {
  char *candidates[256];
  size_t count = 0;
  char *rest = NULL;
  for (char *line = strtok_r(text, "\n", &rest); line && count < 256; line = strtok_r(NULL, "\n", &rest)) candidates[count++] = line;
  if (count == 0) return CC_ERROR;
  size_t length = shared(candidates, count);
  if (count > 1 && length <= (size_t)word) {
    list(candidates, count);
    return CC_REDISPLAY;
  }
  char *insert = malloc(length + 2);
  if (!insert) return CC_ERROR;
  memcpy(insert, candidates[0], length);
  memcpy(insert + length, count == 1 ? " " : "", count == 1 ? 2 : 1);
  el_deletestr(edit, word);
  int failed = el_insertstr(edit, insert);
  free(insert);
  return failed ? CC_ERROR : CC_REFRESH;
}

static unsigned char complete(EditLine *edit, int key) {
  (void)key;
  lbx_editor *editor = of(edit);
  const LineInfo *info = el_line(edit);
  char *line = strndup(info->buffer, (size_t)(info->cursor - info->buffer));
  if (!line) return CC_ERROR;
  int32_t word = 0;
  char *text = editor->complete(line, &word, editor->context);
  free(line);
  if (!text) return CC_ERROR;
  unsigned char result = apply(edit, text, word);
  free(text);
  return result;
}

lbx_editor *lbx_editor_open(const char *program, const char *history_path, lbx_complete completer, void *context) {
  setlocale(LC_CTYPE, "");
  lbx_editor *editor = calloc(1, sizeof *editor);
  if (!editor) return NULL;
  editor->complete = completer;
  editor->context = context;
  editor->prompt = strdup("");
  editor->path = history_path ? strdup(history_path) : NULL;
  editor->history = history_init();
  editor->edit = el_init(program, stdin, stdout, stderr);
  if (!editor->edit || !editor->history) {
    lbx_editor_close(editor);
    return NULL;
  }
  history(editor->history, &editor->event, H_SETSIZE, HISTORY_LINES_MAX);
  history(editor->history, &editor->event, H_SETUNIQUE, 1);
  if (editor->path) history(editor->history, &editor->event, H_LOAD, editor->path);
  el_set(editor->edit, EL_CLIENTDATA, editor);
  el_set(editor->edit, EL_EDITOR, "emacs");
  el_set(editor->edit, EL_PROMPT, prompt);
  el_set(editor->edit, EL_HIST, history, editor->history);
  el_set(editor->edit, EL_ADDFN, "lbx-complete", "Complete the word", complete);
  el_set(editor->edit, EL_ADDFN, "lbx-interrupt", "Drop the line", interrupt);
  el_set(editor->edit, EL_BIND, "^I", "lbx-complete", NULL);
  el_set(editor->edit, EL_BIND, "^R", "em-inc-search-prev", NULL);
  el_source(editor->edit, NULL);
  // While a line is read ^C is a key; while a statement runs it is a signal again.
  el_set(editor->edit, EL_SETTY, "-d", "-isig", NULL);
  el_set(editor->edit, EL_BIND, "^C", "lbx-interrupt", NULL);
  return editor;
}

enum lbx_line lbx_editor_read(lbx_editor *editor, const char *text, const char **line) {
  free(editor->prompt);
  editor->prompt = strdup(text);
  editor->interrupted = 0;
  int count = 0;
  const char *got = el_gets(editor->edit, &count);
  if (editor->interrupted) return LBX_LINE_INTERRUPTED;
  if (!got || count <= 0) return LBX_LINE_END;
  free(editor->line);
  editor->line = strdup(got);
  if (!editor->line) return LBX_LINE_END;
  editor->line[strcspn(editor->line, "\n")] = 0;
  *line = editor->line;
  return LBX_LINE_TEXT;
}

void lbx_editor_remember(lbx_editor *editor, const char *text) { history(editor->history, &editor->event, H_ENTER, text); }

void lbx_editor_close(lbx_editor *editor) {
  if (editor->history && editor->path) history(editor->history, &editor->event, H_SAVE, editor->path);
  if (editor->edit) el_end(editor->edit);
  if (editor->history) history_end(editor->history);
  free(editor->path);
  free(editor->prompt);
  free(editor->line);
  free(editor);
}
