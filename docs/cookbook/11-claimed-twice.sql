-- 哪些单位、组织和人被两个街道重复申报？由谁裁定？
-- What do two streets claim at the same time, and who has to decide?
-- People have no name in the warehouse: they are known by a pseudonym.
select
    thing_kind,
    coalesce(min(thing_name), '（已隐去）') as thing,
    string_agg(unit_name, '、' order by unit_code) as claimed_by,
    min(since_period) as since,
    string_agg(distinct key_basis, ', ' order by key_basis) as recognised_by,
    any_value(deciding_unit_name) as decided_by
from marts.mart_claim
where is_current and state = 'open'
group by claim_id, thing_kind
order by thing_kind, since, thing, claimed_by
