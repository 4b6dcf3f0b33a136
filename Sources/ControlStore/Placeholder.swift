// Placeholder so that the target builds; removed with the first real file.
