-- a unit is charged with what its own level owes, and never with what the levels above or its member units owe
with lines as (
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
where concat(', ', rules.owed_by, ', ') not like concat('%, ', lines.unit_level, ', %')
