{{ config(materialized='table') }}

with

roster as (
    select * from {{ ref('dim_roster') }}
    where unit_level = 'street'
),

carried as (
    select * from {{ ref('int_unit__carried_reports') }}
),

periods as (
    select * from {{ ref('dim_period') }}
),

build as (
    select * from {{ ref('stg_ledger__build') }}
),

streets as (
    select
        roster.unit_code,
        roster.unit_level,
        roster.period,
        roster.is_reported,
        periods.year,
        periods.quarter,
        roster.deadline_at > build.known_at as is_before_deadline
    from roster
    inner join periods on roster.period = periods.period
    cross join build
),

-- A quarter counts once for a street, whoever told it: the street itself or what became of it.
quarters as (
    select
        unit_code,
        period,
        max(case when is_reported then 1 else 0 end) as is_reported
    from (
        select
            unit_code,
            period,
            is_reported
        from streets
        union all
        select
            unit_code,
            period,
            is_reported
        from carried
    ) as told
    group by unit_code, period
),

final as (
    select
        streets.unit_code,
        streets.unit_level,
        streets.period,
        streets.year,
        streets.quarter,
        streets.is_reported,
        streets.is_before_deadline,
        cast(count(*) as integer) as expected_count,
        cast(sum(quarters.is_reported) as integer) as reported_count
    from streets
    inner join quarters on streets.unit_code = quarters.unit_code
    inner join periods as told_in
        on
            quarters.period = told_in.period
            and streets.year = told_in.year
            and streets.quarter >= told_in.quarter
    group by
        streets.unit_code,
        streets.unit_level,
        streets.period,
        streets.year,
        streets.quarter,
        streets.is_reported,
        streets.is_before_deadline
)

select * from final
