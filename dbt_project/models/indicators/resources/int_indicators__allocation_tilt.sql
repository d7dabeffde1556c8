{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook='{{ forget_changed_periods() }}'
) }}

with

roster as (
    select * from {{ ref('dim_roster') }}
    where unit_level in ('district', 'city', 'province')
),

periods as (
    select * from {{ ref('dim_period') }}
),

committees as (
    select
        roster.unit_code,
        roster.unit_level,
        roster.period,
        roster.unit_name,
        roster.is_reported,
        periods.year,
        periods.quarter
    from roster
    inner join periods on roster.period = periods.period
),

reports as (
    select
        committees.unit_code,
        committees.period,
        count(*) as expected_count,
        sum(case when up_to_now.is_reported then 1 else 0 end) as reported_count
    from committees
    inner join committees as up_to_now
        on
            committees.unit_code = up_to_now.unit_code
            and committees.year = up_to_now.year
            and committees.quarter >= up_to_now.quarter
    where {{ changed_periods_filter('committees.period') }}
    group by committees.unit_code, committees.period
),

-- The streets that a committee classifies or has given money to: one that got nothing lowers the mean of its kind.
streets as (
    select
        unit_code,
        period,
        street_code,
        case when tilt_kind is not null then 1 else 0 end as flag_count,
        cast(0 as decimal(18, 2)) as amount_cny
    from {{ ref('fct_street_class') }}
    where {{ changed_periods_filter('period') }}
    union all
    select
        unit_code,
        period,
        street_code,
        case when is_flagged then 1 else 0 end as flag_count,
        amount_cny
    from {{ ref('int_allocation__tilted') }}
    where is_of_year and {{ changed_periods_filter('period') }}
),

by_street as (
    select
        unit_code,
        period,
        street_code,
        max(flag_count) as is_flagged,
        sum(amount_cny) as amount_cny
    from streets
    group by unit_code, period, street_code
),

sums as (
    select
        unit_code,
        period,
        sum(is_flagged) as flagged_count,
        sum(1 - is_flagged) as other_count,
        sum(case when is_flagged = 1 then amount_cny else 0 end) as flagged_cny,
        sum(case when is_flagged = 0 then amount_cny else 0 end) as other_cny
    from by_street
    group by unit_code, period
),

-- (flagged sum / flagged streets) / (other sum / other streets), as one quotient of whole numbers
measured as (
    select
        committees.unit_code,
        committees.unit_level,
        committees.period,
        committees.unit_name,
        case
            when sums.flagged_count > 0
                then {{ wide_ratio(
                    whole_cents('sums.flagged_cny') ~ ' * sums.other_count',
                    whole_cents('sums.other_cny') ~ ' * sums.flagged_count'
                ) }}
        end as tilt_ratio,
        case
            when committees.quarter < 4 then 'provisional'
            when reports.reported_count < reports.expected_count then 'incomplete'
            else 'measured'
        end as status_of_year
    from committees
    inner join reports
        on committees.unit_code = reports.unit_code and committees.period = reports.period
    left join sums
        on committees.unit_code = sums.unit_code and committees.period = sums.period
    where committees.is_reported and {{ changed_periods_filter('committees.period') }}
),

final as (
    select
        unit_code,
        unit_level,
        period,
        unit_code as subject_key,
        unit_name as subject_name,
        tilt_ratio as district_tilt_ratio,
        tilt_ratio as city_tilt_ratio,
        tilt_ratio as province_tilt_ratio,
        case when tilt_ratio is null then 'not_applicable' else status_of_year end as status
    from measured
)

select * from final
