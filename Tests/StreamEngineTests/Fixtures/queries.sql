SELECT * FROM trades
SELECT symbol, price * 2 AS twice FROM trades WHERE price > 10
SELECT symbol, upper(symbol) || '!' AS loud, price * qty AS total, ts FROM trades WHERE qty % 2 = 0 AND symbol LIKE 'A%'
SELECT symbol, count(*) AS n, sum(qty) AS total, avg(price) AS mean FROM trades GROUP BY symbol
SELECT k, count(*) AS n, sum(v) AS total FROM numbers GROUP BY k
SELECT k, v + 1 AS w FROM numbers WHERE v > 5
SELECT symbol, tumble(ts, INTERVAL '10 seconds') AS w, window_end AS e, count(*) AS n, sum(qty) AS total, avg(price) AS mean FROM trades GROUP BY symbol, tumble(ts, INTERVAL '10 seconds')
SELECT k, tumble(ts, INTERVAL 10 SECOND) AS w, count(*) AS n, sum(v) AS total, min(v) AS low, max(v) AS high FROM numbers GROUP BY k, w
SELECT k, window_start AS w, count(*) AS n, sum(v) AS total FROM numbers GROUP BY k, hop(ts, INTERVAL '5 seconds', INTERVAL '15 seconds')
SELECT k, window_start AS w, window_end AS e, count(*) AS n FROM numbers GROUP BY k, cumulate(ts, INTERVAL '5 seconds', INTERVAL '15 seconds')
SELECT k, window_start AS w, window_end AS e, count(*) AS n, sum(v) AS total FROM numbers GROUP BY k, session(ts, INTERVAL '5 seconds')
SELECT k, tumble(ts, INTERVAL 10 SECOND) AS w, count(*) AS n FROM numbers GROUP BY 1, 2 HAVING count(*) > 1
SELECT DISTINCT k FROM numbers
SELECT k, ts, v FROM numbers WHERE v < 3 UNION ALL SELECT k, ts, v FROM others
SELECT k, count(DISTINCT v) AS d, count(*) AS n FROM numbers GROUP BY k
SELECT tumble(e, INTERVAL '60 seconds') AS m, sum(n) AS n FROM counts GROUP BY tumble(e, INTERVAL '60 seconds')
SELECT k, window_end AS e, count(*) AS n FROM numbers GROUP BY k, tumble(ts, INTERVAL '10 seconds')
SELECT k, max(v) AS high FROM changes GROUP BY k
SELECT k, count(*) AS n, max(name) AS last_name, min(v) AS low FROM named GROUP BY k
SELECT k / v AS d, v // 2 AS h, CASE WHEN v > 0 THEN 100 // v ELSE -1 END AS c, coalesce(v, 7) AS f FROM numbers
SELECT k FROM numbers ORDER BY k
SELECT k FROM numbers LIMIT 5
SELECT a.k FROM numbers a JOIN others b ON a.k = b.k
SELECT k, v FROM numbers GROUP BY k
SELECT nothing FROM numbers
SELECT k FROM missing
SELECT k, count(*) FROM numbers GROUP BY k, tumble(v, INTERVAL '10 seconds')
SELECT k, list(v) FROM numbers GROUP BY k
SELECT CAST(v AS TINYINT) AS small, k FROM numbers
SELECT stddev(v) AS s, var_pop(v) AS p, corr(v, k) AS c, skewness(v) AS sk, kurtosis(v) AS ku, product(v) AS pr, bool_and(v > 0) AS a, bit_xor(v) AS x, arg_max(k, v) AS am, sum(DISTINCT v) AS sd, count(*) FILTER (WHERE v > 2) AS f FROM numbers
SELECT k, tumble(ts, INTERVAL 10 SECOND) AS w, count(*) AS n, sum(v) AS total, avg(v) AS mean FROM numbers GROUP BY k, w
SELECT a.k, a.v AS x, b.v AS y, a.ts FROM numbers a JOIN others b ON a.k = b.k AND b.ts BETWEEN a.ts - INTERVAL '3 seconds' AND a.ts + INTERVAL '5 seconds' AND a.v <> b.v
SELECT a.k, a.v AS x, b.v AS y, a.ts FROM numbers a LEFT JOIN others b ON a.k = b.k AND b.ts BETWEEN a.ts - INTERVAL '3 seconds' AND a.ts + INTERVAL '5 seconds' AND a.v <> b.v
SELECT a.k, a.v AS x, b.v AS y, b.k AS l FROM numbers a FULL JOIN others b ON a.k = b.k AND b.ts BETWEEN a.ts - INTERVAL '3 seconds' AND a.ts + INTERVAL '5 seconds' AND a.v <> b.v
SELECT k, v, ts FROM numbers a SEMI JOIN others b ON a.k = b.k AND b.ts BETWEEN a.ts - INTERVAL '3 seconds' AND a.ts + INTERVAL '5 seconds' AND a.v <> b.v
SELECT k, v, ts FROM numbers a ANTI JOIN others b ON a.k = b.k AND b.ts >= a.ts - INTERVAL '3 seconds' AND b.ts <= a.ts + INTERVAL '5 seconds' AND a.v <> b.v
SELECT a.k, a.v AS x, b.v AS y, a.ts FROM numbers a ASOF JOIN others b ON a.k = b.k AND a.ts >= b.ts
SELECT a.k, a.v AS x, b.v AS y, a.ts FROM numbers a ASOF LEFT JOIN others b ON a.k = b.k AND a.ts >= b.ts
SELECT a.k, tumble(a.ts, INTERVAL '10 seconds') AS w, count(*) AS n, sum(b.v) AS total FROM numbers a JOIN others b ON a.k = b.k AND b.ts BETWEEN a.ts - INTERVAL '3 seconds' AND a.ts GROUP BY a.k, tumble(a.ts, INTERVAL '10 seconds')
SELECT a.k FROM numbers a JOIN others b ON a.k = b.k AND b.ts > a.ts
SELECT a.k FROM numbers a JOIN others b ON b.ts BETWEEN a.ts - INTERVAL '3 seconds' AND a.ts
SELECT a.k FROM numbers a JOIN others b USING (k)
SELECT k, v, ts FROM numbers ORDER BY v DESC NULLS LAST, k LIMIT 3
SELECT k, v, ts FROM numbers QUALIFY row_number() OVER (PARTITION BY k ORDER BY v DESC, ts) <= 2
SELECT * FROM (SELECT k, window_end AS e, count(*) AS n FROM numbers GROUP BY k, tumble(ts, INTERVAL '10 seconds')) QUALIFY row_number() OVER (PARTITION BY e ORDER BY n DESC, k) = 1
SELECT k, v FROM numbers LIMIT 3
SELECT k, v, ts FROM numbers QUALIFY rank() OVER (PARTITION BY k ORDER BY v) <= 2
SELECT k, count(*) AS n FROM numbers GROUP BY k ORDER BY n DESC LIMIT 3
SELECT k, window_start AS w, count(*) AS n FROM numbers GROUP BY k, hop(ts, INTERVAL '4 seconds', INTERVAL '10 seconds')
SELECT k, first(n) AS f FROM (SELECT k, count(*) AS n FROM numbers GROUP BY k) GROUP BY k
SELECT k, count(*) AS n, min(v) AS low, max(v) AS high, count(DISTINCT v) AS d FROM a GROUP BY k
SELECT k, median(v) AS m FROM a GROUP BY k
SELECT a.k, a.v, b.v AS other FROM a LEFT JOIN b ON a.k = b.k AND a.v < b.v
SELECT k, v FROM a QUALIFY row_number() OVER (PARTITION BY k ORDER BY v DESC) <= 2
SELECT a.k, a.v AS x, b.v AS y, a.ts FROM numbers a ASOF LEFT JOIN others b ON a.k = b.k AND a.ts >= b.ts AND b.ts >= a.ts - INTERVAL '4 seconds'
SELECT a.k, a.v AS x, b.v AS y, a.ts FROM numbers a ASOF LEFT JOIN others b ON a.k = b.k AND b.ts BETWEEN a.ts AND a.ts + INTERVAL '4 seconds'
SELECT a.k, a.v AS x, b.v AS y, a.ts FROM numbers a ASOF LEFT JOIN others b ON a.k = b.k AND b.ts BETWEEN a.ts - INTERVAL '7 seconds' AND a.ts + INTERVAL '4 seconds'
SELECT a.k, a.v AS x, b.v AS y, a.ts FROM numbers a ASOF LEFT JOIN others b ON a.k = b.k AND b.ts <= a.ts - INTERVAL '5 seconds'
SELECT a.k, a.v AS x, b.v AS y, a.ts FROM numbers a LEFT JOIN others AS b AT (TIMESTAMP => a.ts) ON a.k = b.k
SELECT k, a.v AS x, b.v AS y, c.v AS z FROM numbers a JOIN others b USING (k) JOIN others c USING (k) WHERE b.ts BETWEEN a.ts AND a.ts + INTERVAL '2 seconds' AND c.ts BETWEEN a.ts - INTERVAL '2 seconds' AND a.ts AND a.v > 3 AND c.v < 9
SELECT a.k, a.v, n.name, n.rank FROM numbers a LEFT JOIN names n ON a.k = n.id AND n.rank > a.v
SELECT a.k, name FROM numbers a JOIN names ON a.k = names.id WHERE v < 100
SELECT id FROM names
SELECT a.k FROM numbers a JOIN names n ON a.k > n.id
SELECT a.k FROM numbers a FULL JOIN names n ON a.k = n.id
SELECT k, v, lag(v) OVER (PARTITION BY k ORDER BY ts) AS a, sum(v) OVER (PARTITION BY k ORDER BY ts ROWS BETWEEN 3 PRECEDING AND CURRENT ROW) AS b, row_number() OVER (PARTITION BY k ORDER BY ts) AS c FROM numbers
SELECT k, v, lead(v) OVER (PARTITION BY k ORDER BY ts) AS a FROM numbers
SELECT k, sum(v) OVER (PARTITION BY k ORDER BY v) AS s FROM numbers
SELECT k, sum(v) OVER (PARTITION BY k ORDER BY ts ROWS BETWEEN 1 PRECEDING AND UNBOUNDED FOLLOWING) AS s FROM numbers
SELECT k, sum(v) OVER (PARTITION BY k ORDER BY ts ROWS BETWEEN 1 PRECEDING AND CURRENT ROW EXCLUDE CURRENT ROW) AS s FROM numbers
SELECT k, sum(v) OVER (PARTITION BY k ORDER BY ts GROUPS BETWEEN 1 PRECEDING AND CURRENT ROW) AS s FROM numbers
SELECT k, v, sum(v) OVER (PARTITION BY k ORDER BY ts RANGE BETWEEN INTERVAL '2 seconds' PRECEDING AND INTERVAL '3 seconds' FOLLOWING) AS a, max(v) OVER (PARTITION BY k ORDER BY ts ROWS BETWEEN 1 FOLLOWING AND 2 FOLLOWING) AS b FROM numbers
SELECT k, ntile(3) OVER (PARTITION BY k ORDER BY ts) AS s FROM numbers
SELECT name, count(*) AS n, max(k) AS high, sum(v) AS total, count(DISTINCT v) AS d FROM named GROUP BY name
SELECT k, count(*) AS n, min(v) AS low, max(v) AS high, count(DISTINCT v) AS d FROM numbers GROUP BY k
SELECT k, v, ts FROM numbers QUALIFY row_number() OVER (PARTITION BY k ORDER BY v DESC) <= 2
SELECT k, count(*) AS n, sum(v) AS total FROM (SELECT k, v, ts FROM numbers UNION ALL SELECT k, v, ts FROM others) AS u GROUP BY k
SELECT a.k, tumble(a.ts, INTERVAL '10 seconds') AS w, count(*) AS n, sum(b.v) AS total FROM numbers a JOIN others b ON a.k = b.k AND b.ts BETWEEN a.ts - INTERVAL '3 seconds' AND a.ts + INTERVAL '5 seconds' GROUP BY a.k, w
SELECT window_start AS w, window_end AS e, count(*) AS n FROM ticks GROUP BY tumble(moment, INTERVAL '10 seconds', INTERVAL '3 seconds')
SELECT window_start AS w, window_end AS e, count(*) AS n FROM ticks GROUP BY hop(moment, INTERVAL '4 seconds', INTERVAL '10 seconds', INTERVAL '1 second')
SELECT window_start AS w, window_end AS e, count(*) AS n FROM ticks GROUP BY slide(moment, INTERVAL '10 seconds', INTERVAL '5 seconds', INTERVAL '2 seconds')
SELECT window_start AS w, window_end AS e, count(*) AS n FROM ticks GROUP BY cumulate(moment, INTERVAL '5 seconds', INTERVAL '20 seconds', INTERVAL '7 seconds')
