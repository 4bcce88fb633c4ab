SELECT customer_1.id AS c0, customer_1.sys_version AS c1, customer_1.name_e417 AS c2, customer_1.name_e417 AS c3, nullif(nullif(least(greatest(round(coalesce(g_0.a0, 0), 2), -10000000000000000::numeric), 10000000000000000::numeric), 10000000000000000::numeric), -10000000000000000::numeric) AS c4, page.key_0, page.segment
FROM (SELECT DISTINCT ON (ways.key_0) ways.id AS id, ways.key_0 AS key_0, ways.segment AS segment
FROM (SELECT anon_1.id AS id, anon_1.key_0 AS key_0, anon_1.segment AS segment
FROM (SELECT customer_2.id AS id, customer_2.id AS key_0, 0 AS segment
FROM tenant.customer AS customer_2 LEFT OUTER JOIN LATERAL (SELECT CAST(count(*) AS NUMERIC) AS a0
FROM tenant.quote AS quote_1 LEFT OUTER JOIN tenant."user" AS user_1 ON user_1.id = quote_1.owner AND user_1.sys_trashed_at IS NULL
WHERE quote_1.customer_3be3 = customer_2.id AND quote_1.sys_trashed_at IS NULL AND (quote_1.owner = any(CAST(%(user__acting_for)s::UUID[] AS UUID[])) OR (EXISTS (SELECT 1
FROM tenant.team_member AS team_member_1
WHERE team_member_1.member = user_1.id AND team_member_1.sys_trashed_at IS NULL AND team_member_1.team_908a = any(CAST(%(user__team)s::UUID[] AS UUID[])))) OR quote_1.id IN (SELECT tenant.sys_share.record
FROM tenant.sys_share
WHERE tenant.sys_share.grantee = any(CAST(%(user__grantees)s::UUID[] AS UUID[])) AND tenant.sys_share.entity = %(param_1)s::VARCHAR AND (tenant.sys_share.until IS NULL OR tenant.sys_share.until > %(now)s::TIMESTAMP WITH TIME ZONE))) AND quote_1.total_b7f8 > %(param_2)s) AS g_0 ON true
WHERE customer_2.sys_trashed_at IS NULL AND customer_2.owner = any(CAST(%(user__acting_for)s::UUID[] AS UUID[])) AND g_0.a0 > %(param_3)s ORDER BY customer_2.id ASC
 LIMIT %(page_rows)s::INTEGER) AS anon_1 UNION ALL SELECT anon_2.id AS id, anon_2.key_0 AS key_0, anon_2.segment AS segment
FROM (SELECT customer_3.id AS id, customer_3.id AS key_0, 0 AS segment
FROM tenant.customer AS customer_3 LEFT OUTER JOIN tenant."user" AS user_2 ON user_2.id = customer_3.owner AND user_2.sys_trashed_at IS NULL LEFT OUTER JOIN LATERAL (SELECT CAST(count(*) AS NUMERIC) AS a0
FROM tenant.quote AS quote_2 LEFT OUTER JOIN tenant."user" AS user_3 ON user_3.id = quote_2.owner AND user_3.sys_trashed_at IS NULL
WHERE quote_2.customer_3be3 = customer_3.id AND quote_2.sys_trashed_at IS NULL AND (quote_2.owner = any(CAST(%(user__acting_for)s::UUID[] AS UUID[])) OR (EXISTS (SELECT 1
FROM tenant.team_member AS team_member_2
WHERE team_member_2.member = user_3.id AND team_member_2.sys_trashed_at IS NULL AND team_member_2.team_908a = any(CAST(%(user__team)s::UUID[] AS UUID[])))) OR quote_2.id IN (SELECT tenant.sys_share.record
FROM tenant.sys_share
WHERE tenant.sys_share.grantee = any(CAST(%(user__grantees)s::UUID[] AS UUID[])) AND tenant.sys_share.entity = %(param_4)s::VARCHAR AND (tenant.sys_share.until IS NULL OR tenant.sys_share.until > %(now)s::TIMESTAMP WITH TIME ZONE))) AND quote_2.total_b7f8 > %(param_5)s) AS g_0 ON true
WHERE customer_3.sys_trashed_at IS NULL AND (EXISTS (SELECT 1
FROM tenant.team_member AS team_member_3
WHERE team_member_3.member = user_2.id AND team_member_3.sys_trashed_at IS NULL AND team_member_3.team_908a = any(CAST(%(user__team)s::UUID[] AS UUID[])))) AND g_0.a0 > %(param_6)s ORDER BY customer_3.id ASC
 LIMIT %(page_rows)s::INTEGER) AS anon_2 UNION ALL SELECT anon_3.id AS id, anon_3.key_0 AS key_0, anon_3.segment AS segment
FROM (SELECT customer_4.id AS id, customer_4.id AS key_0, 0 AS segment
FROM tenant.customer AS customer_4 LEFT OUTER JOIN LATERAL (SELECT CAST(count(*) AS NUMERIC) AS a0
FROM tenant.quote AS quote_3 LEFT OUTER JOIN tenant."user" AS user_4 ON user_4.id = quote_3.owner AND user_4.sys_trashed_at IS NULL
WHERE quote_3.customer_3be3 = customer_4.id AND quote_3.sys_trashed_at IS NULL AND (quote_3.owner = any(CAST(%(user__acting_for)s::UUID[] AS UUID[])) OR (EXISTS (SELECT 1
FROM tenant.team_member AS team_member_4
WHERE team_member_4.member = user_4.id AND team_member_4.sys_trashed_at IS NULL AND team_member_4.team_908a = any(CAST(%(user__team)s::UUID[] AS UUID[])))) OR quote_3.id IN (SELECT tenant.sys_share.record
FROM tenant.sys_share
WHERE tenant.sys_share.grantee = any(CAST(%(user__grantees)s::UUID[] AS UUID[])) AND tenant.sys_share.entity = %(param_7)s::VARCHAR AND (tenant.sys_share.until IS NULL OR tenant.sys_share.until > %(now)s::TIMESTAMP WITH TIME ZONE))) AND quote_3.total_b7f8 > %(param_8)s) AS g_0 ON true
WHERE customer_4.sys_trashed_at IS NULL AND customer_4.id IN (SELECT tenant.sys_share.record
FROM tenant.sys_share
WHERE tenant.sys_share.grantee = any(CAST(%(user__grantees)s::UUID[] AS UUID[])) AND tenant.sys_share.entity = %(param_9)s::VARCHAR AND (tenant.sys_share.until IS NULL OR tenant.sys_share.until > %(now)s::TIMESTAMP WITH TIME ZONE)) AND g_0.a0 > %(param_10)s ORDER BY customer_4.id ASC
 LIMIT %(page_rows)s::INTEGER) AS anon_3) AS ways ORDER BY ways.key_0 ASC
 LIMIT %(page_rows)s::INTEGER) AS page JOIN tenant.customer AS customer_1 ON customer_1.id = page.id LEFT OUTER JOIN LATERAL (SELECT sum(quote_4.total_b7f8) AS a0
FROM tenant.quote AS quote_4
WHERE quote_4.customer_3be3 = customer_1.id AND quote_4.sys_trashed_at IS NULL AND quote_4.open_40c9) AS g_0 ON true ORDER BY page.segment, page.key_0 ASC
