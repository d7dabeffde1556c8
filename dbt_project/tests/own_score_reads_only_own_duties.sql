-- A unit is charged with what its own level owes, and never with what the levels above or its member units owe. A
-- district that reports directly to its province (such as Shunde) owes what a city owes as well.
with direct_districts as (
    select unit_code
    from {{ ref('dim_unit_current') }}
    where unit_level = 'district' and reporting_parent_code = province_code
),

lines as (
    select
        stage_code,
        unit_code,
        unit_level,
        rulebook_version,
        rule_id
    from {{ ref('fct_score_line') }}
    where score_kind = 'own' and rule_id is not null
),

rules as (
    select distinct
        rulebook_version,
        rule_id,
        owed_by
    from {{ ref('rules') }}
)

select
    lines.stage_code,
    lines.unit_code,
    lines.rule_id,
    rules.owed_by
from lines
inner join rules
    on
        lines.rulebook_version = rules.rulebook_version
        and lines.rule_id = rules.rule_id
left join direct_districts on lines.unit_code = direct_districts.unit_code
where
    concat(', ', rules.owed_by, ', ') not like concat('%, ', lines.unit_level, ', %')
    and not (
        direct_districts.unit_code is not null
        and concat(', ', rules.owed_by, ', ') like '%, city, %'
    )
