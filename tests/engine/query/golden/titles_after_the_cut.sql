WITH head AS
(SELECT quote_2.id AS id, quote_2.code_5333 AS key_0, quote_2.id AS key_1, 0 AS segment
FROM tenant.quote AS quote_2
WHERE quote_2.sys_trashed_at IS NULL AND quote_2.total_b7f8 > %(param_3)s AND quote_2.code_5333 IS NOT NULL ORDER BY quote_2.code_5333 ASC, quote_2.id ASC
 LIMIT %(page_rows)s::INTEGER),
tail AS
(SELECT quote_2.id AS id, quote_2.code_5333 AS key_0, quote_2.id AS key_1, 1 AS segment
FROM tenant.quote AS quote_2
WHERE quote_2.sys_trashed_at IS NULL AND quote_2.total_b7f8 > %(param_3)s AND quote_2.code_5333 IS NULL ORDER BY quote_2.id ASC
 LIMIT %(page_rows)s::INTEGER - (SELECT count(*) AS count_1
FROM head))
 SELECT quote_1.id AS c0, quote_1.sys_version AS c1, quote_1.code_b580 AS c2, quote_1.customer_3be3 AS c3, customer_1.name_e417 AS c4, %(param_1)s AS c5, customer_1.sys_trashed_at IS NOT NULL AS c6, quote_1.owner AS c7, user_1.name AS c8, %(param_2)s AS c9, user_1.sys_trashed_at IS NOT NULL AS c10, page.key_0, page.key_1, page.segment
FROM (SELECT head.id AS id, head.key_0 AS key_0, head.key_1 AS key_1, head.segment AS segment
FROM head UNION ALL SELECT tail.id AS id, tail.key_0 AS key_0, tail.key_1 AS key_1, tail.segment AS segment
FROM tail) AS page JOIN tenant.quote AS quote_1 ON quote_1.id = page.id LEFT OUTER JOIN tenant.customer AS customer_1 ON customer_1.id = quote_1.customer_3be3 LEFT OUTER JOIN tenant."user" AS user_1 ON user_1.id = quote_1.owner ORDER BY page.segment, page.key_0 ASC NULLS LAST, page.key_1 ASC
