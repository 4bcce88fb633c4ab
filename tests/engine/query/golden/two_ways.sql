WITH head AS
(SELECT customer_2.id AS id, customer_2.since_7f91 AS key_0, customer_2.name_7b8e AS key_1, customer_2.id AS key_2, 0 AS segment
FROM tenant.customer AS customer_2
WHERE customer_2.sys_trashed_at IS NULL AND customer_2.since_7f91 IS NOT NULL AND customer_2.since_7f91 <= %(after_0)s::DATE AND (customer_2.since_7f91 < %(after_0)s::DATE OR customer_2.since_7f91 = %(after_0)s::DATE AND %(after_1)s::VARCHAR IS NOT NULL AND (customer_2.name_7b8e > %(after_1)s::VARCHAR OR customer_2.name_7b8e IS NULL) OR customer_2.since_7f91 = %(after_0)s::DATE AND customer_2.name_7b8e IS NOT DISTINCT FROM %(after_1)s::VARCHAR AND customer_2.id > %(after_2)s::UUID) ORDER BY customer_2.since_7f91 DESC, customer_2.name_7b8e ASC NULLS LAST, customer_2.id ASC
 LIMIT %(page_rows)s::INTEGER),
tail AS
(SELECT customer_2.id AS id, customer_2.since_7f91 AS key_0, customer_2.name_7b8e AS key_1, customer_2.id AS key_2, 1 AS segment
FROM tenant.customer AS customer_2
WHERE customer_2.sys_trashed_at IS NULL AND customer_2.since_7f91 IS NULL ORDER BY customer_2.name_7b8e ASC NULLS LAST, customer_2.id ASC
 LIMIT %(page_rows)s::INTEGER - (SELECT count(*) AS count_1
FROM head))
 SELECT customer_1.id AS c0, customer_1.sys_version AS c1, customer_1.name_e417 AS c2, customer_1.name_e417 AS c3, page.key_0, page.key_1, page.key_2, page.segment
FROM (SELECT head.id AS id, head.key_0 AS key_0, head.key_1 AS key_1, head.key_2 AS key_2, head.segment AS segment
FROM head UNION ALL SELECT tail.id AS id, tail.key_0 AS key_0, tail.key_1 AS key_1, tail.key_2 AS key_2, tail.segment AS segment
FROM tail) AS page JOIN tenant.customer AS customer_1 ON customer_1.id = page.id ORDER BY page.segment, page.key_0 DESC NULLS LAST, page.key_1 ASC NULLS LAST, page.key_2 ASC
