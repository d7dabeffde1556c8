{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook='{{ forget_changed_periods() }}'
) }}

with

roster as (
    select * from {{ ref('dim_roster') }}
    where
        unit_level in ('city', 'district')
        and is_reported
        and {{ changed_periods_filter('period') }}
),

study_rules as (
    select
        unit_code,
        period,
        count(distinct title) as study_rule_count
    from {{ ref('int_document__cooperation') }}
    where is_study_rule and {{ changed_periods_filter('period') }}
    group by unit_code, period
),

courses as (
    select
        unit_code,
        period,
        count(*) as course_count,
        sum(case when is_open_to_both then 1 else 0 end) as open_count
    from {{ ref('int_course__openness') }}
    where is_course and {{ changed_periods_filter('period') }}
    group by unit_code, period
),

sectors as (
    select
        unit_code,
        period,
        count(distinct sector_name) as sector_count,
        count(distinct case when is_included_in_standard then sector_name end) as included_count
    from {{ ref('int_sector_standard__included') }}
    where is_sector and {{ changed_periods_filter('period') }}
    group by unit_code, period
),

counted as (
    select
        roster.unit_code,
        roster.unit_level,
        roster.period,
        roster.unit_name,
        coalesce(study_rules.study_rule_count, 0) as study_rule_count,
        case when courses.course_count > 0 then 'measured' else 'not_applicable' end as course_status,
        -- Every city and district has sectors: an empty list is not complete.
        case when sectors.sector_count > 0 then 'measured' else 'not_evaluated' end as sector_status,
        {{ percentage('courses.open_count', 'courses.course_count') }} as open_course_pct,
        {{ percentage('sectors.included_count', 'sectors.sector_count') }} as including_sector_pct
    from roster
    left join study_rules
        on roster.unit_code = study_rules.unit_code and roster.period = study_rules.period
    left join courses
        on roster.unit_code = courses.unit_code and roster.period = courses.period
    left join sectors
        on roster.unit_code = sectors.unit_code and roster.period = sectors.period
),

final as (
    select
        unit_code,
        unit_level,
        period,
        unit_code as subject_key,
        unit_name as subject_name,
        'measured' as status,
        cast(study_rule_count as decimal(18, 4)) as study_rule_count,
        open_course_pct as city_open_course_pct,
        course_status as city_open_course_pct__status,
        open_course_pct as district_open_course_pct,
        course_status as district_open_course_pct__status,
        including_sector_pct as city_including_sector_pct,
        sector_status as city_including_sector_pct__status,
        including_sector_pct as district_including_sector_pct,
        sector_status as district_including_sector_pct__status
    from counted
)

select * from final
