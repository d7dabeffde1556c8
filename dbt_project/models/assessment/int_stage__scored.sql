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

entrants as (
    select * from {{ ref('int_stage__entrant') }}
),

stages as (
    select * from {{ ref('stages') }}
),

papers as (
    select * from {{ ref('papers') }}
),

group_scores as (
    select * from {{ ref('fct_group_score') }}
    where {{ changed_stages_filter('stage_code') }}
),

lines as (
    select * from {{ ref('int_score_line__earned') }}
    where {{ changed_stages_filter('stage_code') }} and is_in_denominator and score_kind = 'own'
),

vetoes as (
    select
        stage_code,
        unit_code,
        max(case when veto_effect = 'zero_score' then 1 else 0 end) as is_zeroed,
        max(case when veto_effect = 'band' then veto_band_order end) as veto_band_order
    from {{ ref('int_stage__veto') }}
    group by stage_code, unit_code
),

totals as (
    select
        stage_code,
        unit_code,
        score_kind,
        min(total_points) as total_points,
        sum(earned) as earned,
        sum(available) as available,
        sum(available + left_out) as total_available,
        sum(extra) as extra
    from group_scores
    where parent_group_code is null
    group by stage_code, unit_code, score_kind
    having sum(line_count) > 0
),

counted as (
    select
        stage_code,
        unit_code,
        count(*) as rule_count,
        sum(case when attainment_thousandths = 1000 then 1 else 0 end) as rule_met_count,
        max(1000 - coalesce(attainment_thousandths, 0)) as worst_shortfall
    from lines
    group by stage_code, unit_code
),

quotas_met as (
    select * from {{ ref('int_stage__quotas_met') }}
),

joined as (
    select
        stage_units.stage_code,
        stages.paper_code,
        stage_units.rulebook_version,
        stage_units.unit_code,
        stage_units.unit_level,
        stage_units.batch_code,
        coalesce(entrants.street_class, '') as street_class,
        stage_units.expected_count,
        stage_units.reported_count,
        coalesce(entrants.is_excused, false) as is_excused,
        coalesce(entrants.is_late_entrant, false) as is_late_entrant,
        coalesce(entrants.is_gone, false) as is_gone,
        entrants.first_clean_at,
        coalesce(counted.rule_count, 0) as rule_count,
        coalesce(counted.rule_met_count, 0) as rule_met_count,
        coalesce(quotas_met.quota_met_count, 0) as quota_met_count,
        counted.worst_shortfall,
        vetoes.unit_code is not null as vetoed,
        coalesce(vetoes.is_zeroed, 0) = 1 as is_zeroed,
        vetoes.veto_band_order,
        {{ thousandths('papers.score_floor') }} as score_floor,
        {{ thousandths('papers.score_cap') }} as score_cap,
        own.total_points,
        own.earned,
        own.available,
        own.total_available,
        own.extra,
        {{ clipped(
            total_score('superior.total_points', 'superior.earned', 'superior.total_available', 'superior.extra'),
            '0', 'superior.total_points'
        ) }} as superior_points
    from stage_units
    inner join stages on stage_units.stage_code = stages.stage_code
    left join papers
        on
            stages.paper_code = papers.paper_code
            and stage_units.unit_level = papers.unit_level
            and papers.score_kind = 'own'
    left join entrants
        on
            stage_units.stage_code = entrants.stage_code
            and stage_units.unit_code = entrants.unit_code
    left join counted
        on
            stage_units.stage_code = counted.stage_code
            and stage_units.unit_code = counted.unit_code
    left join quotas_met
        on
            stage_units.stage_code = quotas_met.stage_code
            and stage_units.unit_code = quotas_met.unit_code
    left join vetoes
        on
            stage_units.stage_code = vetoes.stage_code
            and stage_units.unit_code = vetoes.unit_code
    left join totals as own
        on
            stage_units.stage_code = own.stage_code
            and stage_units.unit_code = own.unit_code
            and own.score_kind = 'own'
    left join totals as superior
        on
            stage_units.stage_code = superior.stage_code
            and stage_units.unit_code = superior.unit_code
            and superior.score_kind = 'superior'
),

-- A unit without any report in the stage has no score: it is unranked, not last.
scored as (
    select
        *,
        case
            when reported_count = 0 or total_points is null then null
            when is_zeroed then greatest(0, coalesce(score_floor, 0))
            else {{ clipped(total_score('total_points', 'earned', 'total_available', 'extra'), 'score_floor', 'score_cap') }}
        end as score,
        case
            when reported_count = 0 or total_points is null then null
            when total_available = 0 then total_points
            else {{ total_score('total_points', 'available', 'total_available', '0') }}
        end as max_score,
        case when reported_count > 0 then superior_points end as superior_score
    from joined
),

final as (
    select
        stage_code,
        paper_code,
        rulebook_version,
        unit_code,
        unit_level,
        batch_code,
        street_class,
        cast(score as integer) as score,
        cast(max_score as integer) as max_score,
        cast(superior_score as integer) as superior_score,
        cast(rule_count as integer) as rule_count,
        cast(rule_met_count as integer) as rule_met_count,
        cast(quota_met_count as integer) as quota_met_count,
        cast(worst_shortfall as integer) as worst_shortfall,
        first_clean_at,
        expected_count,
        reported_count,
        is_excused,
        is_late_entrant,
        is_gone,
        vetoed,
        is_zeroed,
        veto_band_order,
        score_floor,
        score_cap,
        total_points,
        earned,
        available,
        total_available,
        extra,
        case
            when is_excused then 'excused'
            when is_gone then 'gone'
            when is_late_entrant then 'late_entrant'
            when reported_count = 0 then 'not_reported'
            when score is null then 'no_score'
        end as unranked_reason
    from scored
)

select * from final
