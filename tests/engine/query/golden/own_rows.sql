SELECT customer_1.id AS c0, customer_1.sys_version AS c1, customer_1.name_e417 AS c2, customer_1.name_e417 AS c3, page.key_0, page.segment
FROM (SELECT customer_2.id AS id, customer_2.id AS key_0, 0 AS segment
FROM tenant.customer AS customer_2
WHERE customer_2.sys_trashed_at IS NULL AND (customer_2.owner = any(CAST(%(user__acting_for)s::UUID[] AS UUID[])) OR customer_2.id = any(CAST(%(shared__customer__read)s::UUID[] AS UUID[]))) ORDER BY customer_2.id ASC
 LIMIT %(page_rows)s::INTEGER) AS page JOIN tenant.customer AS customer_1 ON customer_1.id = page.id ORDER BY page.segment, page.key_0 ASC
