SELECT customer_1.id AS c0, customer_1.sys_version AS c1, customer_1.name_e417 AS c2, customer_1.name_e417 AS c3, nullif(nullif(least(greatest(round(coalesce(g_0.a0, 0), 2), -10000000000000000::numeric), 10000000000000000::numeric), 10000000000000000::numeric), -10000000000000000::numeric) AS c4, page.key_0, page.segment
FROM (SELECT customer_2.id AS id, customer_2.id AS key_0, 0 AS segment
FROM tenant.customer AS customer_2 LEFT OUTER JOIN tenant."user" AS user_1 ON user_1.id = customer_2.owner AND user_1.sys_trashed_at IS NULL LEFT OUTER JOIN LATERAL (SELECT bool_or(coalesce(team_member_1.team_908a = any(CAST(%(user__team)s::UUID[] AS UUID[])), false)) AS a0
FROM tenant.team_member AS team_member_1
WHERE team_member_1.member = user_1.id AND team_member_1.sys_trashed_at IS NULL) AS g_0 ON true LEFT OUTER JOIN LATERAL (SELECT CAST(count(*) AS NUMERIC) AS a0
FROM tenant.quote AS quote_1 LEFT OUTER JOIN tenant."user" AS user_2 ON user_2.id = quote_1.owner AND user_2.sys_trashed_at IS NULL LEFT OUTER JOIN LATERAL (SELECT bool_or(coalesce(team_member_2.team_908a = any(CAST(%(user__team)s::UUID[] AS UUID[])), false)) AS a0
FROM tenant.team_member AS team_member_2
WHERE team_member_2.member = user_2.id AND team_member_2.sys_trashed_at IS NULL) AS g_1 ON true
WHERE quote_1.customer_3be3 = customer_2.id AND quote_1.sys_trashed_at IS NULL AND (quote_1.owner = any(CAST(%(user__acting_for)s::UUID[] AS UUID[])) OR coalesce(g_1.a0, false) OR quote_1.id = any(CAST(%(shared__quote__read)s::UUID[] AS UUID[]))) AND quote_1.total_b7f8 > %(param_1)s) AS g_2 ON true
WHERE customer_2.sys_trashed_at IS NULL AND (customer_2.owner = any(CAST(%(user__acting_for)s::UUID[] AS UUID[])) OR coalesce(g_0.a0, false) OR customer_2.id = any(CAST(%(shared__customer__read)s::UUID[] AS UUID[]))) AND g_2.a0 > %(param_2)s ORDER BY customer_2.id ASC
 LIMIT %(page_rows)s::INTEGER) AS page JOIN tenant.customer AS customer_1 ON customer_1.id = page.id LEFT OUTER JOIN LATERAL (SELECT sum(quote_2.total_b7f8) AS a0
FROM tenant.quote AS quote_2
WHERE quote_2.customer_3be3 = customer_1.id AND quote_2.sys_trashed_at IS NULL AND quote_2.open_40c9) AS g_0 ON true ORDER BY page.segment, page.key_0 ASC
