with source as (

    select * from {{ lake('street_venue') }}

),

renamed as (

    select
        -- where the row stands
        cast(submission_id as string) as submission_id,
        cast(unit_code as string) as unit_code,
        cast(sheet as string) as sheet,
        cast(row as int) as row,
        cast(lake_period as string) as period,
        -- what it says
        cast(venue_name as string) as venue_name,
        cast(venue_kind as string) as venue_kind,
        cast(build_mode as string) as build_mode,
        cast(area_m2 as decimal(18, 4)) as area_m2,
        cast(weekly_open_hours as decimal(18, 4)) as weekly_open_hours,
        cast(is_open_to_all as boolean) as is_open_to_all,
        cast(opened_on as date) as opened_on,
        cast(status as string) as venue_status,
        cast(government_funds as decimal(18, 2)) as government_funds_cny,
        cast(social_funds as decimal(18, 2)) as social_funds_cny,
        cast(integrated_resources as string) as integrated_resources,
        cast(hosted_org_count as bigint) as hosted_org_count,
        cast(visit_count as bigint) as visit_count,
        cast(migrant_visit_count as bigint) as migrant_visit_count,
        cast(graduate_visit_count as bigint) as graduate_visit_count,
        cast(idle_youth_visit_count as bigint) as idle_youth_visit_count
    from source

)

select * from renamed
