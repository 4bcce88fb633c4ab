SELECT quote_1.id AS c0, quote_1.sys_version AS c1, quote_1.code_b580 AS c2, quote_1.code_b580 AS c3, page.key_0, page.segment
FROM (SELECT quote_2.id AS id, quote_2.id AS key_0, 0 AS segment
FROM tenant.quote AS quote_2 LEFT OUTER JOIN tenant.customer AS customer_1 ON customer_1.id = quote_2.customer_3be3 AND customer_1.sys_trashed_at IS NULL
WHERE quote_2.sys_trashed_at IS NULL AND (quote_2.owner = %(user__id)s::UUID OR quote_2.department = any(CAST(%(user__departments)s::UUID[] AS UUID[]))) AND CASE WHEN (customer_1.owner = %(user__id)s::UUID OR customer_1.department = any(CAST(%(user__departments)s::UUID[] AS UUID[]))) THEN customer_1.level_2a3a ELSE NULL END = %(param_1)s::VARCHAR ORDER BY quote_2.id ASC
 LIMIT %(page_rows)s::INTEGER) AS page JOIN tenant.quote AS quote_1 ON quote_1.id = page.id ORDER BY page.segment, page.key_0 ASC
