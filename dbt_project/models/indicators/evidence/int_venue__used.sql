{{ config(materialized='view') }}

with

venues as (
    select * from {{ ref('fct_venue') }}
),

classified as (
    select * from {{ ref('int_venue__classified') }}
),

periods as (
    select * from {{ ref('dim_period') }}
),

classes as (
    select * from {{ ref('code_classes') }}
),

sorted as (
    select
        venues.submission_id,
        venues.unit_code,
        venues.period,
        venues.sheet,
        venues.row,
        venues.unit_code as subject_key,
        venues.venue_name,
        venues.venue_kind,
        classified.is_open,
        platform.value_zh is not null as is_platform_kind,
        station.value_zh is not null as is_station_kind,
        joint_mode.value_zh is not null as is_joint_mode,
        coalesce(venues.is_open_to_all, false) as is_for_all_youth,
        coalesce(venues.government_funds_cny, 0) as government_funds_cny,
        coalesce(venues.social_funds_cny, 0) as social_funds_cny,
        coalesce(venues.hosted_org_count, 0) as hosted_org_count,
        coalesce(venues.migrant_visit_count, 0) as migrant_visit_count,
        coalesce(venues.graduate_visit_count, 0) as graduate_visit_count,
        coalesce(venues.idle_youth_visit_count, 0) as idle_youth_visit_count
    from venues
    inner join classified
        on
            venues.submission_id = classified.submission_id
            and venues.sheet = classified.sheet
            and venues.row = classified.row
    inner join periods on venues.period = periods.period
    left join classes as platform
        on
            periods.rulebook_version = platform.rulebook_version
            and platform.class_code = 'platform_venue'
            and venues.venue_kind = platform.value_zh
    left join classes as station
        on
            periods.rulebook_version = station.rulebook_version
            and station.class_code = 'liaison_station'
            and venues.venue_kind = station.value_zh
    left join classes as joint_mode
        on
            periods.rulebook_version = joint_mode.rulebook_version
            and joint_mode.class_code = 'joint_build_mode'
            and venues.build_mode = joint_mode.value_zh
),

final as (
    select
        submission_id,
        unit_code,
        period,
        sheet,
        row,
        subject_key,
        venue_name,
        venue_kind,
        government_funds_cny,
        social_funds_cny,
        hosted_org_count,
        migrant_visit_count,
        graduate_visit_count,
        idle_youth_visit_count,
        is_open,
        is_open and is_platform_kind as is_platform,
        is_open and is_station_kind as is_liaison_station,
        is_open and is_joint_mode as is_jointly_built,
        is_open and is_for_all_youth as is_open_to_all,
        is_open and government_funds_cny > 0 as is_government_funded,
        is_open and social_funds_cny > 0 as is_socially_funded
    from sorted
)

select * from final
