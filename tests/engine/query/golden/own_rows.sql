SELECT customer_1.id AS c0, customer_1.sys_version AS c1, customer_1.name_e417 AS c2, customer_1.name_e417 AS c3, page.key_0, page.segment
FROM (SELECT DISTINCT ON (ways.key_0) ways.id AS id, ways.key_0 AS key_0, ways.segment AS segment
FROM (SELECT anon_1.id AS id, anon_1.key_0 AS key_0, anon_1.segment AS segment
FROM (SELECT customer_2.id AS id, customer_2.id AS key_0, 0 AS segment
FROM tenant.customer AS customer_2
WHERE customer_2.sys_trashed_at IS NULL AND customer_2.owner = any(CAST(%(user__acting_for)s::UUID[] AS UUID[])) ORDER BY customer_2.id ASC
 LIMIT %(page_rows)s::INTEGER) AS anon_1 UNION ALL SELECT anon_2.id AS id, anon_2.key_0 AS key_0, anon_2.segment AS segment
FROM (SELECT customer_3.id AS id, customer_3.id AS key_0, 0 AS segment
FROM tenant.customer AS customer_3
WHERE customer_3.sys_trashed_at IS NULL AND customer_3.id IN (SELECT tenant.sys_share.record
FROM tenant.sys_share
WHERE tenant.sys_share.grantee = any(CAST(%(user__grantees)s::UUID[] AS UUID[])) AND tenant.sys_share.entity = %(param_1)s::VARCHAR AND (tenant.sys_share.until IS NULL OR tenant.sys_share.until > %(now)s::TIMESTAMP WITH TIME ZONE)) ORDER BY customer_3.id ASC
 LIMIT %(page_rows)s::INTEGER) AS anon_2) AS ways ORDER BY ways.key_0 ASC
 LIMIT %(page_rows)s::INTEGER) AS page JOIN tenant.customer AS customer_1 ON customer_1.id = page.id ORDER BY page.segment, page.key_0 ASC
