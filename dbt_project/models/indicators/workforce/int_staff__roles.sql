{{ config(materialized='view') }}

with

staff_posts as (
    select * from {{ ref('fct_staff_post') }}
),

periods as (
    select * from {{ ref('dim_period') }}
),

communities as (
    select * from {{ ref('dim_community') }}
),

-- The classes of the rule book that a kind of person belongs to, one row per kind.
classes as (
    select
        rulebook_version,
        value_zh,
        max(case when class_code = 'full_time_cadre' then 1 else 0 end) = 1 as is_full_time_cadre,
        max(case when class_code = 'core_team' then 1 else 0 end) = 1 as is_core_team,
        max(case when class_code = 'fixed_volunteer' then 1 else 0 end) = 1 as is_fixed_volunteer,
        max(case when class_code = 'incentive_person' then 1 else 0 end) = 1 as is_incentive_person
    from {{ ref('code_classes') }}
    where code_list = 'person_kind'
    group by rulebook_version, value_zh
),

posts as (
    select
        staff_posts.submission_id,
        staff_posts.unit_code,
        staff_posts.period,
        staff_posts.sheet,
        staff_posts.row,
        staff_posts.person_key,
        communities.community_code,
        coalesce(staff_posts.is_in_post, false) as is_in_post,
        coalesce(staff_posts.start_on <= periods.ends_on, false)
        and (staff_posts.end_on is null or staff_posts.end_on >= periods.starts_on) as is_of_period,
        coalesce(classes.is_full_time_cadre, false) as is_full_time_cadre,
        coalesce(classes.is_core_team, false) as is_core_team,
        coalesce(classes.is_fixed_volunteer, false) as is_fixed_volunteer,
        coalesce(classes.is_incentive_person, false) as is_incentive_person
    from staff_posts
    inner join periods on staff_posts.period = periods.period
    left join classes
        on
            periods.rulebook_version = classes.rulebook_version
            and staff_posts.person_kind = classes.value_zh
    -- A community of another street is none of this street's.
    left join communities
        on
            staff_posts.community_code = communities.community_code
            and staff_posts.unit_code = communities.unit_code
),

-- One who changes from one core post to another has not left the team.
by_person as (
    select
        unit_code,
        period,
        person_key,
        max(case when is_core_team and is_in_post then 1 else 0 end) = 1 as is_in_core_team
    from posts
    group by unit_code, period, person_key
),

final as (
    select
        posts.submission_id,
        posts.unit_code,
        posts.period,
        posts.sheet,
        posts.row,
        posts.unit_code as subject_key,
        posts.person_key,
        posts.community_code,
        posts.is_in_post and posts.is_full_time_cadre as is_serving_full_time_cadre,
        posts.is_in_post and posts.is_fixed_volunteer as is_serving_fixed_volunteer,
        posts.is_in_post
        and posts.is_fixed_volunteer
        and posts.community_code is not null as is_serving_community_volunteer,
        posts.is_in_post and posts.is_incentive_person as is_serving_incentive_person,
        posts.is_of_period and posts.is_core_team as is_core_of_period,
        posts.is_of_period and posts.is_core_team and not by_person.is_in_core_team as is_core_who_left
    from posts
    inner join by_person
        on
            posts.unit_code = by_person.unit_code
            and posts.period = by_person.period
            and posts.person_key = by_person.person_key
)

select * from final
