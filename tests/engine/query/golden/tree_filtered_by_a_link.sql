SELECT quote_1.id AS c0, quote_1.sys_version AS c1, quote_1.code_b580 AS c2, quote_1.code_b580 AS c3, page.key_0, page.segment
FROM (SELECT DISTINCT ON (ways.key_0) ways.id AS id, ways.key_0 AS key_0, ways.segment AS segment
FROM (SELECT anon_1.id AS id, anon_1.key_0 AS key_0, anon_1.segment AS segment
FROM (SELECT quote_2.id AS id, quote_2.id AS key_0, 0 AS segment
FROM tenant.quote AS quote_2 LEFT OUTER JOIN tenant.customer AS customer_1 ON customer_1.id = quote_2.customer_3be3 AND customer_1.sys_trashed_at IS NULL
WHERE quote_2.sys_trashed_at IS NULL AND quote_2.owner = any(CAST(%(user__acting_for)s::UUID[] AS UUID[])) AND CASE WHEN (customer_1.owner = any(CAST(%(user__acting_for)s::UUID[] AS UUID[])) OR customer_1.department = any(CAST(%(user__departments)s::UUID[] AS UUID[])) OR customer_1.id IN (SELECT tenant.sys_share.record
FROM tenant.sys_share
WHERE tenant.sys_share.grantee = any(CAST(%(user__grantees)s::UUID[] AS UUID[])) AND tenant.sys_share.entity = %(param_1)s::VARCHAR AND (tenant.sys_share.until IS NULL OR tenant.sys_share.until > %(now)s::TIMESTAMP WITH TIME ZONE))) THEN customer_1.level_2a3a ELSE NULL END = %(param_2)s::VARCHAR ORDER BY quote_2.id ASC
 LIMIT %(page_rows)s::INTEGER) AS anon_1 UNION ALL SELECT anon_2.id AS id, anon_2.key_0 AS key_0, anon_2.segment AS segment
FROM (SELECT quote_3.id AS id, quote_3.id AS key_0, 0 AS segment
FROM tenant.quote AS quote_3 LEFT OUTER JOIN tenant.customer AS customer_2 ON customer_2.id = quote_3.customer_3be3 AND customer_2.sys_trashed_at IS NULL
WHERE quote_3.sys_trashed_at IS NULL AND quote_3.department = any(CAST(%(user__departments)s::UUID[] AS UUID[])) AND CASE WHEN (customer_2.owner = any(CAST(%(user__acting_for)s::UUID[] AS UUID[])) OR customer_2.department = any(CAST(%(user__departments)s::UUID[] AS UUID[])) OR customer_2.id IN (SELECT tenant.sys_share.record
FROM tenant.sys_share
WHERE tenant.sys_share.grantee = any(CAST(%(user__grantees)s::UUID[] AS UUID[])) AND tenant.sys_share.entity = %(param_3)s::VARCHAR AND (tenant.sys_share.until IS NULL OR tenant.sys_share.until > %(now)s::TIMESTAMP WITH TIME ZONE))) THEN customer_2.level_2a3a ELSE NULL END = %(param_4)s::VARCHAR ORDER BY quote_3.id ASC
 LIMIT %(page_rows)s::INTEGER) AS anon_2 UNION ALL SELECT anon_3.id AS id, anon_3.key_0 AS key_0, anon_3.segment AS segment
FROM (SELECT quote_4.id AS id, quote_4.id AS key_0, 0 AS segment
FROM tenant.quote AS quote_4 LEFT OUTER JOIN tenant.customer AS customer_3 ON customer_3.id = quote_4.customer_3be3 AND customer_3.sys_trashed_at IS NULL
WHERE quote_4.sys_trashed_at IS NULL AND quote_4.id IN (SELECT tenant.sys_share.record
FROM tenant.sys_share
WHERE tenant.sys_share.grantee = any(CAST(%(user__grantees)s::UUID[] AS UUID[])) AND tenant.sys_share.entity = %(param_5)s::VARCHAR AND (tenant.sys_share.until IS NULL OR tenant.sys_share.until > %(now)s::TIMESTAMP WITH TIME ZONE)) AND CASE WHEN (customer_3.owner = any(CAST(%(user__acting_for)s::UUID[] AS UUID[])) OR customer_3.department = any(CAST(%(user__departments)s::UUID[] AS UUID[])) OR customer_3.id IN (SELECT tenant.sys_share.record
FROM tenant.sys_share
WHERE tenant.sys_share.grantee = any(CAST(%(user__grantees)s::UUID[] AS UUID[])) AND tenant.sys_share.entity = %(param_6)s::VARCHAR AND (tenant.sys_share.until IS NULL OR tenant.sys_share.until > %(now)s::TIMESTAMP WITH TIME ZONE))) THEN customer_3.level_2a3a ELSE NULL END = %(param_7)s::VARCHAR ORDER BY quote_4.id ASC
 LIMIT %(page_rows)s::INTEGER) AS anon_3) AS ways ORDER BY ways.key_0 ASC
 LIMIT %(page_rows)s::INTEGER) AS page JOIN tenant.quote AS quote_1 ON quote_1.id = page.id ORDER BY page.segment, page.key_0 ASC
