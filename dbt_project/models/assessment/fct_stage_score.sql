{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook='{{ forget_changed_stages() }}'
) }}

with

stage_units as (
    select * from {{ ref('int_stage__roster') }}
    where {{ changed_stages_filter('stage_code') }}
),

lines as (
    select * from {{ ref('fct_score_line') }}
    where {{ changed_stages_filter('stage_code') }} and is_in_denominator
),

bands as (
    select * from {{ ref('bands') }}
),

totals as (
    select
        stage_code,
        unit_code,
        sum(case when score_kind = 'own' then weight else 0 end) as own_weight,
        sum(case when score_kind = 'own' then weight * attainment_thousandths else 0 end) as own_earned,
        sum(case when score_kind = 'superior' then weight else 0 end) as superior_weight,
        sum(case when score_kind = 'superior' then weight * attainment_thousandths else 0 end) as superior_earned,
        sum(case when score_kind = 'own' then 1 else 0 end) as rule_count,
        sum(case when score_kind = 'own' and attainment_thousandths = 1000 then 1 else 0 end) as rule_met_count
    from lines
    group by stage_code, unit_code
),

-- A unit without any report in the stage has no score: it is unranked, not last.
scored as (
    select
        stage_units.stage_code,
        stage_units.rulebook_version,
        stage_units.unit_code,
        stage_units.unit_level,
        stage_units.expected_count,
        stage_units.reported_count,
        coalesce(totals.rule_count, 0) as rule_count,
        coalesce(totals.rule_met_count, 0) as rule_met_count,
        case
            when stage_units.reported_count > 0 and totals.own_weight > 0
                then {{ half_up('100 * totals.own_earned', 'totals.own_weight') }}
        end as score,
        case
            when stage_units.reported_count > 0 and totals.superior_weight > 0
                then {{ half_up('100 * totals.superior_earned', 'totals.superior_weight') }}
        end as superior_score
    from stage_units
    left join totals
        on
            stage_units.stage_code = totals.stage_code
            and stage_units.unit_code = totals.unit_code
),

ranked as (
    select
        *,
        rank() over (
            partition by stage_code, unit_level order by coalesce(score, -1) desc
        ) as score_rank,
        count(score) over (partition by stage_code, unit_level) as peers_count
    from scored
),

-- The band is the highest one whose lower end is reached.
banded as (
    select
        ranked.stage_code,
        ranked.unit_code,
        max(bands.lower_score) as band_lower_score
    from ranked
    inner join bands
        on
            ranked.rulebook_version = bands.rulebook_version
            and ranked.score >= bands.lower_score
    group by ranked.stage_code, ranked.unit_code
),

final as (
    select
        ranked.stage_code,
        ranked.unit_code,
        ranked.unit_level,
        ranked.rulebook_version,
        cast(ranked.score as integer) as score,
        cast(ranked.superior_score as integer) as superior_score,
        cast(case when ranked.score is not null then ranked.score_rank end as integer) as score_rank,
        cast(ranked.peers_count as integer) as peers_count,
        bands.band_code,
        cast(ranked.rule_count as integer) as rule_count,
        cast(ranked.rule_met_count as integer) as rule_met_count,
        cast(ranked.expected_count as integer) as expected_count,
        cast(ranked.reported_count as integer) as reported_count
    from ranked
    left join banded
        on
            ranked.stage_code = banded.stage_code
            and ranked.unit_code = banded.unit_code
    left join bands
        on
            ranked.rulebook_version = bands.rulebook_version
            and banded.band_lower_score = bands.lower_score
)

select * from final
order by stage_code, unit_code
