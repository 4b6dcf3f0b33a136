SELECT 1; SELECT $$x$$, E'\n', "q" /* c */ -- d
