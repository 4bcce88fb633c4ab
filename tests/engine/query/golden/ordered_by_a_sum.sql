WITH head AS
(SELECT customer_2.id AS id, nullif(nullif(least(greatest(round(coalesce(g_0.a0, 0), 2), -10000000000000000::numeric), 10000000000000000::numeric), 10000000000000000::numeric), -10000000000000000::numeric) AS key_0, customer_2.id AS key_1, 0 AS segment
FROM tenant.customer AS customer_2 LEFT OUTER JOIN (SELECT quote_1.customer_3be3 AS "of", sum(quote_1.total_b7f8) AS a0
FROM tenant.quote AS quote_1
WHERE quote_1.sys_trashed_at IS NULL AND quote_1.open_40c9 GROUP BY quote_1.customer_3be3) AS g_0 ON g_0."of" = customer_2.id
WHERE customer_2.sys_trashed_at IS NULL AND nullif(nullif(least(greatest(round(coalesce(g_0.a0, 0), 2), -10000000000000000::numeric), 10000000000000000::numeric), 10000000000000000::numeric), -10000000000000000::numeric) > %(param_1)s AND nullif(nullif(least(greatest(round(coalesce(g_0.a0, 0), 2), -10000000000000000::numeric), 10000000000000000::numeric), 10000000000000000::numeric), -10000000000000000::numeric) IS NOT NULL ORDER BY nullif(nullif(least(greatest(round(coalesce(g_0.a0, 0), 2), -10000000000000000::numeric), 10000000000000000::numeric), 10000000000000000::numeric), -10000000000000000::numeric) DESC, customer_2.id DESC
 LIMIT %(page_rows)s::INTEGER),
tail AS
(SELECT customer_2.id AS id, nullif(nullif(least(greatest(round(coalesce(g_0.a0, 0), 2), -10000000000000000::numeric), 10000000000000000::numeric), 10000000000000000::numeric), -10000000000000000::numeric) AS key_0, customer_2.id AS key_1, 1 AS segment
FROM tenant.customer AS customer_2 LEFT OUTER JOIN (SELECT quote_1.customer_3be3 AS "of", sum(quote_1.total_b7f8) AS a0
FROM tenant.quote AS quote_1
WHERE quote_1.sys_trashed_at IS NULL AND quote_1.open_40c9 GROUP BY quote_1.customer_3be3) AS g_0 ON g_0."of" = customer_2.id
WHERE customer_2.sys_trashed_at IS NULL AND nullif(nullif(least(greatest(round(coalesce(g_0.a0, 0), 2), -10000000000000000::numeric), 10000000000000000::numeric), 10000000000000000::numeric), -10000000000000000::numeric) > %(param_1)s AND nullif(nullif(least(greatest(round(coalesce(g_0.a0, 0), 2), -10000000000000000::numeric), 10000000000000000::numeric), 10000000000000000::numeric), -10000000000000000::numeric) IS NULL ORDER BY customer_2.id DESC
 LIMIT %(page_rows)s::INTEGER - (SELECT count(*) AS count_1
FROM head))
 SELECT customer_1.id AS c0, customer_1.sys_version AS c1, customer_1.name_e417 AS c2, customer_1.name_e417 AS c3, nullif(nullif(least(greatest(round(coalesce(g_0.a0, 0), 2), -10000000000000000::numeric), 10000000000000000::numeric), 10000000000000000::numeric), -10000000000000000::numeric) AS c4, page.key_0, page.key_1, page.segment
FROM (SELECT head.id AS id, head.key_0 AS key_0, head.key_1 AS key_1, head.segment AS segment
FROM head UNION ALL SELECT tail.id AS id, tail.key_0 AS key_0, tail.key_1 AS key_1, tail.segment AS segment
FROM tail) AS page JOIN tenant.customer AS customer_1 ON customer_1.id = page.id LEFT OUTER JOIN LATERAL (SELECT sum(quote_2.total_b7f8) AS a0
FROM tenant.quote AS quote_2
WHERE quote_2.customer_3be3 = customer_1.id AND quote_2.sys_trashed_at IS NULL AND quote_2.open_40c9) AS g_0 ON true ORDER BY page.segment, page.key_0 DESC NULLS LAST, page.key_1 DESC
