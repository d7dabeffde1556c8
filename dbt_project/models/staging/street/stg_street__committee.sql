with source as (

    select * from {{ lake('street_committee') }}

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
        cast(committee_name as string) as committee_name,
        cast(founded_on as date) as founded_on,
        cast(document_no as string) as document_no,
        cast(lead_unit as string) as lead_unit,
        cast(secretariat_unit as string) as secretariat_unit,
        cast(liaison_count as bigint) as liaison_count,
        cast(coordination_count as bigint) as coordination_count,
        cast(supervision_count as bigint) as supervision_count,
        cast(comment_received_count as bigint) as comment_received_count,
        cast(comment_answered_count as bigint) as comment_answered_count,
        cast(status as string) as committee_status
    from source

)

select * from renamed
