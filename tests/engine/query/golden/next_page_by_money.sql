WITH head AS
(SELECT customer_2.id AS id, customer_2.credit_bb3b AS key_0, customer_2.id AS key_1, 0 AS segment
FROM tenant.customer AS customer_2
WHERE customer_2.sys_trashed_at IS NULL AND customer_2.vip_1b73 AND customer_2.credit_bb3b IS NOT NULL AND (customer_2.credit_bb3b, customer_2.id) < (CAST(%(after_0)s AS NUMERIC), %(after_1)s::UUID) ORDER BY customer_2.credit_bb3b DESC, customer_2.id DESC
 LIMIT %(page_rows)s::INTEGER),
tail AS
(SELECT customer_2.id AS id, customer_2.credit_bb3b AS key_0, customer_2.id AS key_1, 1 AS segment
FROM tenant.customer AS customer_2
WHERE customer_2.sys_trashed_at IS NULL AND customer_2.vip_1b73 AND customer_2.credit_bb3b IS NULL ORDER BY customer_2.id DESC
 LIMIT %(page_rows)s::INTEGER - (SELECT count(*) AS count_1
FROM head))
 SELECT customer_1.id AS c0, customer_1.sys_version AS c1, customer_1.name_e417 AS c2, customer_1.name_e417 AS c3, customer_1.credit_bb3b AS c4, page.key_0, page.key_1, page.segment
FROM (SELECT head.id AS id, head.key_0 AS key_0, head.key_1 AS key_1, head.segment AS segment
FROM head UNION ALL SELECT tail.id AS id, tail.key_0 AS key_0, tail.key_1 AS key_1, tail.segment AS segment
FROM tail) AS page JOIN tenant.customer AS customer_1 ON customer_1.id = page.id ORDER BY page.segment, page.key_0 DESC NULLS LAST, page.key_1 DESC
