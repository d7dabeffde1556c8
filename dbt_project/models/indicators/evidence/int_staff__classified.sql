{{ config(materialized='view') }}

with

staff_posts as (
    select * from {{ ref('fct_staff_post') }}
),

periods as (
    select * from {{ ref('dim_period') }}
),

classes as (
    select * from {{ ref('code_classes') }}
),

posts as (
    select
        staff_posts.submission_id,
        staff_posts.unit_code,
        staff_posts.period,
        staff_posts.sheet,
        staff_posts.row,
        staff_posts.person_key,
        staff_posts.is_in_post,
        coalesce(staff_posts.is_off_establishment_member, false) as is_off_establishment_member,
        cadre.value_zh is not null as is_cadre,
        social_worker.value_zh is not null as is_social_worker,
        fixed_volunteer.value_zh is not null as is_fixed_volunteer
    from staff_posts
    inner join periods on staff_posts.period = periods.period
    left join classes as cadre
        on
            periods.rulebook_version = cadre.rulebook_version
            and cadre.class_code = 'cadre'
            and staff_posts.person_kind = cadre.value_zh
    left join classes as social_worker
        on
            periods.rulebook_version = social_worker.rulebook_version
            and social_worker.class_code = 'social_worker'
            and staff_posts.person_kind = social_worker.value_zh
    left join classes as fixed_volunteer
        on
            periods.rulebook_version = fixed_volunteer.rulebook_version
            and fixed_volunteer.class_code = 'fixed_volunteer'
            and staff_posts.person_kind = fixed_volunteer.value_zh
),

-- One person may hold several posts in a street: what the person is elsewhere matters for two rulings.
by_person as (
    select
        unit_code,
        period,
        person_key,
        max(case when is_in_post and is_off_establishment_member then 1 else 0 end) = 1 as is_off_establishment_person,
        max(case when is_in_post and is_fixed_volunteer then 1 else 0 end) = 1 as is_fixed_volunteer_person
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
        posts.is_in_post and posts.is_cadre as is_serving_cadre,
        posts.is_in_post
        and posts.is_cadre
        and not by_person.is_off_establishment_person as is_serving_establishment_cadre,
        posts.is_in_post and posts.is_social_worker as is_serving_social_worker,
        posts.is_in_post
        and posts.is_social_worker
        and not by_person.is_fixed_volunteer_person as is_serving_exclusive_social_worker,
        posts.is_in_post and posts.is_off_establishment_member as is_serving_off_establishment_member
    from posts
    inner join by_person
        on
            posts.unit_code = by_person.unit_code
            and posts.period = by_person.period
            and posts.person_key = by_person.person_key
)

select * from final
