-- Statistics of a young server made SQLite read whole tables, for each row of another, when it had grown: queries have their
-- indexes, so none are kept (decision 053).
DROP TABLE IF EXISTS sqlite_stat1;
DROP TABLE IF EXISTS sqlite_stat4;
