with source as (

    select * from {{ lake('street_youth_org') }}

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
        cast(org_name as string) as org_name,
        cast(uscc as string) as uscc,
        cast(org_category as string) as org_category,
        cast(relation as string) as relation,
        cast(registration as string) as registration,
        cast(target_group as string) as target_group,
        cast(member_count as bigint) as member_count,
        cast(is_eligible as boolean) as is_eligible,
        cast(has_league_org as boolean) as has_league_org,
        cast(since as date) as since,
        cast(last_contact_on as date) as last_contact_on,
        cast(service_count as bigint) as service_count,
        cast(joined_activity_count as bigint) as joined_activity_count,
        cast(in_federation as boolean) as in_federation
    from source

)

select * from renamed
