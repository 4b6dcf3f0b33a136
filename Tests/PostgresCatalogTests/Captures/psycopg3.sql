select $1::int
-- $1 = 1
----
select 1.5::numeric, now(), array[1,2]
