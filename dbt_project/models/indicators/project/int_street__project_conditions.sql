{{ config(materialized='view') }}

with

roster as (
    select * from {{ ref('dim_roster') }}
    where unit_level = 'street' and is_reported
),

periods as (
    select * from {{ ref('dim_period') }}
),

classes as (
    select * from {{ ref('code_classes') }}
),

parameters as (
    select
        rulebook_version,
        max(case when parameter_code = '6d.outside_youth_pct' then value end) as outside_youth_pct,
        max(case when parameter_code = '6e.school_count' then value end) as school_count,
        max(case when parameter_code = '6e.volunteer_count' then value end) as volunteer_count
    from {{ ref('parameters') }}
    group by rulebook_version
),

profiles as (
    select
        unit_code,
        period,
        max(youth_count) as youth_count,
        -- Migrant workers are mostly floating youth as well: the larger of the two counts nobody twice.
        max(
            case
                when migrant_youth_count > coalesce(floating_youth_count, 0) then migrant_youth_count
                else floating_youth_count
            end
        ) as outside_youth_count
    from {{ ref('fct_profile') }}
    group by unit_code, period
),

schools as (
    select
        member_units.unit_code,
        member_units.period,
        count(distinct coalesce(member_units.uscc, member_units.unit_name)) as school_count
    from {{ ref('fct_member_unit') }} as member_units
    inner join periods on member_units.period = periods.period
    inner join classes
        on
            periods.rulebook_version = classes.rulebook_version
            and classes.class_code = 'school_unit'
            and member_units.unit_kind = classes.value_zh
    where member_units.is_local
    group by member_units.unit_code, member_units.period
),

volunteers as (
    select
        staff_posts.unit_code,
        staff_posts.period,
        count(distinct staff_posts.person_key) as volunteer_count
    from {{ ref('fct_staff_post') }} as staff_posts
    inner join periods on staff_posts.period = periods.period
    inner join classes
        on
            periods.rulebook_version = classes.rulebook_version
            and classes.class_code = 'volunteer'
            and staff_posts.person_kind = classes.value_zh
    where staff_posts.is_in_post
    group by staff_posts.unit_code, staff_posts.period
),

final as (
    select
        roster.unit_code,
        roster.period,
        {{ percentage('profiles.outside_youth_count', 'profiles.youth_count') }} as outside_youth_pct,
        coalesce(schools.school_count, 0) as school_count,
        coalesce(volunteers.volunteer_count, 0) as volunteer_count,
        -- Null when the share is not known.
        {{ percentage('profiles.outside_youth_count', 'profiles.youth_count') }}
        >= parameters.outside_youth_pct as has_many_outside_youth,
        coalesce(schools.school_count, 0) >= parameters.school_count
        or coalesce(volunteers.volunteer_count, 0) >= parameters.volunteer_count as has_many_schools_or_volunteers
    from roster
    inner join periods on roster.period = periods.period
    inner join parameters on periods.rulebook_version = parameters.rulebook_version
    left join profiles
        on roster.unit_code = profiles.unit_code and roster.period = profiles.period
    left join schools
        on roster.unit_code = schools.unit_code and roster.period = schools.period
    left join volunteers
        on roster.unit_code = volunteers.unit_code and roster.period = volunteers.period
)

select * from final
