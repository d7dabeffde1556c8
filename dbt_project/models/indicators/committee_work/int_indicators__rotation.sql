{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook='{{ forget_changed_periods() }}'
) }}

with

roster as (
    select * from {{ ref('dim_roster') }}
    where
        unit_level = 'street'
        and is_reported
        and {{ changed_periods_filter('period') }}
),

periods as (
    select * from {{ ref('dim_period') }}
    where {{ changed_periods_filter('period') }}
),

-- The chair rotates from the founding of the committee on.
committees as (
    select
        unit_code,
        period,
        min(founded_on) as founded_on
    from {{ ref('int_committee__duties') }}
    where is_active and {{ changed_periods_filter('period') }}
    group by unit_code, period
),

windows as (
    select
        roster.unit_code,
        roster.unit_level,
        roster.unit_name,
        roster.period,
        periods.starts_on,
        periods.ends_on,
        committees.unit_code is not null as has_committee,
        greatest(periods.starts_on, coalesce(committees.founded_on, periods.starts_on)) as begins_on
    from roster
    inner join periods on roster.period = periods.period
    left join committees
        on roster.unit_code = committees.unit_code and roster.period = committees.period
),

-- A term that stands in two rows is one term.
terms as (
    select
        chair_terms.unit_code,
        chair_terms.period,
        chair_terms.subject_key,
        greatest(min(chair_terms.start_on), max(windows.starts_on)) as start_on,
        least(max(coalesce(chair_terms.end_on, windows.ends_on)), max(windows.ends_on)) as end_on
    from {{ ref('int_chair_term__classified') }} as chair_terms
    inner join windows
        on chair_terms.unit_code = windows.unit_code and chair_terms.period = windows.period
    where chair_terms.is_in_period
    group by chair_terms.unit_code, chair_terms.period, chair_terms.subject_key
),

chained as (
    select
        unit_code,
        period,
        start_on,
        end_on,
        max(end_on) over (
            partition by unit_code, period
            order by start_on, end_on, subject_key
            rows between unbounded preceding and 1 preceding
        ) as covered_up_to
    from terms
),

linked as (
    select
        chained.unit_code,
        chained.period,
        chained.end_on,
        case
            when chained.covered_up_to >= chained.start_on
                then {{ days_between('chained.start_on', 'least(chained.end_on, chained.covered_up_to)') }} + 1
            else 0
        end as overlap_day_count,
        {{ days_between(
            'coalesce(' ~ plus_days('chained.covered_up_to', 1) ~ ', windows.begins_on)', 'chained.start_on'
        ) }} as gap_day_count
    from chained
    inner join windows
        on chained.unit_code = windows.unit_code and chained.period = windows.period
),

rotations as (
    select
        unit_code,
        period,
        count(*) as term_count,
        sum(overlap_day_count) as overlap_day_count,
        max(gap_day_count) as gap_day_count,
        max(end_on) as covered_up_to
    from linked
    group by unit_code, period
),

-- Without a term the whole of the window is a gap; behind the last term the rest of it.
gaps as (
    select
        windows.unit_code,
        windows.period,
        greatest(
            0,
            coalesce(rotations.gap_day_count, 0),
            {{ days_between(
                'coalesce(' ~ plus_days('rotations.covered_up_to', 1) ~ ', windows.begins_on)', 'windows.ends_on'
            ) }} + 1
        ) as gap_day_count
    from windows
    left join rotations
        on windows.unit_code = rotations.unit_code and windows.period = rotations.period
),

final as (
    select
        windows.unit_code,
        windows.unit_level,
        windows.period,
        windows.unit_code as subject_key,
        windows.unit_name as subject_name,
        case when windows.has_committee then 'measured' else 'not_applicable' end as status,
        case
            when windows.has_committee then cast(coalesce(rotations.term_count, 0) as decimal(18, 4))
        end as chair_term_count,
        case
            when windows.has_committee then cast(coalesce(rotations.overlap_day_count, 0) as decimal(18, 4))
        end as chair_overlap_day_count,
        case
            when windows.has_committee then cast(gaps.gap_day_count as decimal(18, 4))
        end as chair_gap_day_count
    from windows
    inner join gaps
        on windows.unit_code = gaps.unit_code and windows.period = gaps.period
    left join rotations
        on windows.unit_code = rotations.unit_code and windows.period = rotations.period
)

select * from final
